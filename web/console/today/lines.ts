import type { LinkProps } from '@tanstack/react-router'
import type { Today } from '../../../src/today/contract.ts'
import { countOf, dayOf, moneyOf } from '../../ui/format/format.ts'
import type { FormatMessage, Lang, TextKey } from '../../ui/format/text.ts'

/** Something that waits, with the one act that settles it. */
export interface Line {
  readonly key: 'requests' | 'numbers' | 'duplicates' | 'dues' | 'charters'
  readonly count: number
  readonly title: TextKey
  /** The fact that helps to decide. */
  readonly fact: string
  readonly act: TextKey
  readonly link: Pick<LinkProps, 'to' | 'search'>
}

/** Returns what waits, in the order of urgency; a line at zero is left out. */
export function linesOf(today: Today, t: FormatMessage, lang: Lang): Line[] {
  const { requests, numbers, duplicates, dues, charters } = today
  const lines: Line[] = [
    {
      key: 'requests',
      count: requests.count,
      title: 'today.requests',
      fact: [
        ...(requests.oldestAt === null ? [] : [joinsOf(requests, requests.oldestAt, t, lang)]),
        ...(requests.corrections === 0
          ? []
          : [
              t('today.requests.corrections', {
                count: requests.corrections,
                shown: countOf(lang, requests.corrections),
              }),
            ]),
      ].join(' '),
      act: 'today.requests.act',
      link: { to: '/demandes' },
    },
    {
      key: 'numbers',
      count: numbers.count,
      title: 'today.numbers',
      fact: t('today.numbers.fact', { dead: numbers.dead, gone: numbers.gone, doubtful: numbers.doubtful }),
      act: 'today.numbers.act',
      link: {
        to: '/numeros',
        search: { facette: numbers.dead > 0 ? 'dead' : numbers.gone > 0 ? 'gone' : 'doubtful' },
      },
    },
    {
      key: 'duplicates',
      count: duplicates.count,
      title: 'today.duplicates',
      fact: t('today.duplicates.fact'),
      act: 'today.duplicates.act',
      link: { to: '/adherents/doublons' },
    },
    {
      key: 'dues',
      count: dues?.count ?? 0,
      title: 'today.dues',
      fact: t('today.dues.fact', {
        amount: moneyOf(lang, dues?.remainingCents ?? 0),
        day: dues === null || dues.dueOn === null ? 'none' : dayOf(lang, dues.dueOn),
      }),
      act: 'today.dues.act',
      link:
        dues === null || dues.year === null
          ? { to: '/adherents', search: { cotisation: 'late' } }
          : { to: '/cotisations', search: { etat: 'late', annee: dues.year } },
    },
    {
      key: 'charters',
      count: charters.count,
      title: 'today.charters',
      fact: t('today.charters.fact', { version: charters.version ?? 0 }),
      act: 'today.charters.act',
      link: { to: '/adherents', search: { charte: 'older' } },
    },
  ]
  return lines.filter(({ count }) => count > 0)
}

/** Says how many ask to join, who the first ones are, and since when the oldest one waits. */
function joinsOf(
  { count, corrections, names }: Today['requests'],
  oldestAt: string,
  t: FormatMessage,
  lang: Lang,
): string {
  const joins = count - corrections
  return t('today.requests.joins', {
    count: joins,
    shown: countOf(lang, joins),
    names: names.join(', ') + (joins > names.length ? '…' : ''),
    day: dayOf(lang, oldestAt),
  })
}
