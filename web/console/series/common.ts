import { HOUR_MS } from '../../../src/message/clock.ts'
import type { Common, SeriesReport, SeriesView } from '../../../src/reports/series/contract.ts'
import { spanOf } from '../../ui/format/format.ts'
import { type FormatMessage, type Lang, labelOf } from '../../ui/format/text.ts'

const PLACES = 3

/** Returns the name of the series, else one made of its categories and places: "Faux billets, Issoire, Perrier". */
export function nameOf(
  lang: Lang,
  series: { title?: string | null; reports: readonly SeriesReport[] },
): string {
  if (series.title) return series.title
  const labels = [...new Set(series.reports.map(({ category }) => labelOf(lang, category)))]
  const places = [...new Set(series.reports.map(({ commune }) => commune.name))]
  const shown = places.slice(0, PLACES)
  return `${labels.join(' / ')}, ${shown.join(', ')}${places.length > PLACES ? '…' : ''}`
}

/** Returns briefly why incidents look alike. */
export function reasonsOf(t: FormatMessage, lang: Lang, common: Common): string[] {
  return [
    common.sameCategory ? t('series.why.category') : null,
    common.kilometres === null
      ? null
      : common.kilometres === 0
        ? t('series.why.place')
        : t('series.why.distance', { kilometres: common.kilometres }),
    common.hours === 0
      ? t('series.why.once')
      : t('series.why.time', { span: spanOf(lang, common.hours * HOUR_MS) }),
    common.words.length === 0 ? null : t('series.why.words', { words: common.words.join(', ') }),
  ].filter((one) => one !== null)
}

/** Returns which pairs to mark as unrelated: each with each other, or with those of a series. */
export function pairsOf(ids: readonly string[], others: readonly string[] | null): [string, string][] {
  return others === null
    ? ids.flatMap((one, i) => ids.slice(i + 1).map((other): [string, string] => [one, other]))
    : ids.flatMap((one) => others.map((other): [string, string] => [one, other]))
}

/** Returns the last of its sent alerts, which can be relayed to neighbours. */
export function lastAlertOf(series: SeriesView): SeriesReport['alert'] {
  return series.reports.findLast(({ state, alert }) => state === 'broadcast' && alert !== null)?.alert ?? null
}
