import { formatMessage, type Lang } from '../i18n/format.ts'
import { BYTE_ORDER_MARK, csvRow } from '../platform/csv.ts'
import type { Reach, Statistics, StatisticsTable } from './contract.ts'
import { routeName } from './route-name.ts'

type Cell = string | number
interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
}

const REACH = ['planned', 'delivered', 'failed', 'expired', 'withdrawn'] as const
const reachOf = (reach: Reach): number[] => REACH.map((name) => reach[name])

/** Renders one table of the statistics as CSV for a spreadsheet. Times are in milliseconds. */
export function toStatisticsCsv(statistics: Statistics, table: StatisticsTable, lang: Lang): string {
  const { columns, rows } = toTable(statistics, table, lang)
  const head = columns.map((column) => formatMessage(lang, `statistics.column.${column}`))
  return BYTE_ORDER_MARK + [head, ...rows].map(csvRow).join('')
}

function toTable(statistics: Statistics, table: StatisticsTable, lang: Lang): Table {
  const or = (value: number | null): Cell => value ?? ''
  /** French spreadsheets expect a decimal comma. */
  const decimal = (value: number | null): Cell =>
    value === null ? '' : value.toFixed(2).replace('.', lang === 'fr' ? ',' : '.')
  switch (table) {
    case 'months':
      return {
        columns: ['month', 'calls', 'alerts', 'median', 'p90', ...REACH, 'members', 'perMemberAndWeek'],
        rows: statistics.months.map((one) => [
          one.month,
          or(one.calls),
          one.alerts,
          or(one.times.median),
          or(one.times.p90),
          ...reachOf(one.reach),
          or(one.members),
          decimal(one.perMemberAndWeek),
        ]),
      }
    case 'categories':
      return {
        columns: ['category', 'alerts'],
        rows: statistics.categories.map((one) => [lang === 'fr' ? one.labelFr : one.labelEn, one.alerts]),
      }
    case 'places':
      return {
        columns: [statistics.places.kind, 'alerts', 'members', 'alertsPer100Members'],
        rows: [
          ...statistics.places.list.map((one) => [
            one.name,
            one.alerts,
            one.members,
            decimal(one.members === 0 ? null : (100 * one.alerts) / one.members),
          ]),
          ...(statistics.places.elsewhere === 0
            ? []
            : [[formatMessage(lang, 'statistics.elsewhere'), statistics.places.elsewhere, '', '']]),
        ],
      }
    case 'hours':
      return { columns: ['hour', 'alerts'], rows: statistics.hours.map((alerts, hour) => [hour, alerts]) }
    case 'routes':
      return {
        columns: ['gateway', ...REACH],
        rows: statistics.routes.map((one) => [routeName(one.gateway, lang), ...reachOf(one)]),
      }
    case 'fatigue':
      return {
        columns: ['weekAlerts', 'numbers'],
        rows: Object.values(statistics.fatigue).map((numbers, count) => [
          count === 4 ? formatMessage(lang, 'statistics.fourOrMore') : count,
          numbers,
        ]),
      }
  }
}
