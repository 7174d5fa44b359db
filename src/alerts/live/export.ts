import type { DeliveryView } from '../../deliveries/contract.ts'
import { formatMessage, type Lang } from '../../i18n/format.ts'
import { BYTE_ORDER_MARK, csvRow, csvTime } from '../../platform/csv.ts'

/** The translated texts of an export. */
export interface CsvLabels {
  readonly lang: Lang
  /** Returns the name of a trade code. */
  readonly tradeName: (code: string) => string
  readonly timeZone: string
}

const COLUMNS = [
  'no',
  'member',
  'commune',
  'commune_code',
  'trade',
  'phone',
  'state',
  'possible_duplicate',
  'attempts',
  'error',
  'accepted_at',
  'settled_at',
] as const

/** Returns the header line, separated by semicolons as French spreadsheets expect. */
export function csvHeader({ lang }: Pick<CsvLabels, 'lang'>): string {
  return BYTE_ORDER_MARK + csvRow(COLUMNS.map((column) => formatMessage(lang, `export.${column}`)))
}

export function csvLine(delivery: DeliveryView, { lang, tradeName, timeZone }: CsvLabels): string {
  return csvRow([
    delivery.no,
    delivery.member.name,
    delivery.commune.name,
    delivery.commune.code,
    tradeName(delivery.trade),
    delivery.phone,
    formatMessage(lang, `delivery.state.${delivery.state}`),
    formatMessage(lang, delivery.possibleDuplicate ? 'export.yes' : 'export.no_word'),
    delivery.attempts,
    delivery.error ?? '',
    csvTime(delivery.acceptedAt, timeZone),
    csvTime(delivery.settledAt, timeZone),
  ])
}
