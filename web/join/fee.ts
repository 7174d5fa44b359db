import type { PublicSchemeView } from '../../src/enrolment/contract.ts'
import { moneyOf } from '../ui/format/format.ts'
import type { useText } from '../ui/format/text.ts'

/** Names the fee of a scheme: of a year, planned for a year, or in general where none is set. */
export function titleOfFee(t: ReturnType<typeof useText>['t'], fee: PublicSchemeView['fee']): string {
  if (fee === null) return t('join.fee')
  return t(fee.planned ? 'join.fee.planned' : 'join.fee.of', { year: String(fee.year) })
}

/** The fee of a trade; null: all other trades. */
export function feeOf(
  t: ReturnType<typeof useText>['t'],
  lang: ReturnType<typeof useText>['lang'],
  fee: PublicSchemeView['fee'],
  trade: string | null,
): string {
  if (fee === null) return t('join.fee.unasked')
  const cents = (trade === null ? undefined : fee.tradeFees[trade]) ?? fee.feeCents
  return cents === 0 ? t('join.fee.none') : moneyOf(lang, cents)
}
