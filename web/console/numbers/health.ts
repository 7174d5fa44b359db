import type { NumberHealth } from '../../../src/members/contract.ts'
import { dayOf } from '../../ui/format/format.ts'
import type { FormatMessage, Lang } from '../../ui/format/text.ts'

/** Returns the details of a number's state as text; its mark shows the state itself. */
export function describeHealth(t: FormatMessage, lang: Lang, health: NumberHealth): string {
  const { state, since, deliveredAt, notifiedAt } = health
  return [
    ...(state === 'ok' ? [] : [t('numbers.since', { day: dayOf(lang, since) })]),
    deliveredAt === null
      ? t('numbers.neverDelivered')
      : t('numbers.delivered', { day: dayOf(lang, deliveredAt) }),
    ...(notifiedAt === null ? [] : [t('numbers.notified', { day: dayOf(lang, notifiedAt) })]),
  ].join(' · ')
}
