import type { GroupFilter } from '../../../src/messages/contract.ts'
import type { SchemeView } from '../../../src/schemes/contract.ts'
import type { FormatMessage, Lang } from '../../ui/format/text.ts'
import { tradeNameOf } from '../../ui/format/trade.ts'

/** Returns the recipients of a message as text. */
export function describeGroup(
  t: FormatMessage,
  lang: Lang,
  filter: GroupFilter,
  facts: SchemeView | undefined,
  /** The name of the view; null: deleted, or private to another user; undefined: not of a view. */
  viewName: string | null | undefined,
): string {
  const sector = facts?.sectors.find(({ id }) => id === filter.sectorId)
  const parts = [
    filter.trade === undefined ? undefined : tradeNameOf(lang, facts?.trades ?? [], filter.trade),
    filter.sectorId === undefined ? undefined : (sector?.name ?? t('messages.sector')),
    viewName === undefined ? undefined : (viewName ?? t('messages.view.hidden')),
    filter.unpaid === true ? t('messages.unpaid') : undefined,
  ].filter((part) => part !== undefined)
  return parts.length === 0 ? t('messages.everybody') : parts.join(' · ')
}
