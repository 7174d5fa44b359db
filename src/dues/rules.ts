import type { PaymentWay } from '../schema.ts'
import { searchName } from '../territory/rules.ts'
import type { DuesState } from './contract.ts'

/** The day so many days later; earlier when negative. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}

/** A day for a text, in ms since 1970: noon of it, so that it is that day by the clock of any machine. */
export function noonOf(day: string): number {
  return Date.parse(`${day}T12:00:00Z`)
}

/** Whole days from one day to another. */
export function daysBetween(from: string, to: string): number {
  return (Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000
}

/** What a campaign asks of members. */
export interface Fees {
  readonly year: number
  readonly feeCents: number
  readonly tradeFees: Readonly<Record<string, number>>
  readonly proRata: boolean
  readonly dueOn: string
}

/** After a campaign was opened, nobody is told of it for so long: a mistake can be taken back. */
export const CALLS_AFTER_MS = 30 * 60_000

/** Days that whoever joins has to pay, when the day of the campaign is sooner. */
export const JOINED_DAYS = 30

/**
 * What a member owes for the year of a campaign, and by when. Pro rata: a twelfth for each month that is left, the month
 * of joining included, to the nearest cent; whoever was there before the year pays it whole.
 * @param member `joinedOn`: the day that it became a member
 */
export function assess(
  fees: Fees,
  member: { readonly trade: string; readonly joinedOn: string },
): { readonly amountCents: number; readonly dueOn: string } {
  const whole = fees.tradeFees[member.trade] ?? fees.feeCents
  const joinedThen = member.joinedOn.startsWith(`${fees.year}-`)
  const months = fees.proRata && joinedThen ? 13 - Number(member.joinedOn.slice(5, 7)) : 12
  const days = [fees.dueOn, addDays(member.joinedOn, JOINED_DAYS)]
  // Days sort as text: year, month, day.
  return { amountCents: Math.round((whole * months) / 12), dueOn: days.sort()[1]! }
}

export function stateOf(
  dues: { readonly amountCents: number; readonly remainingCents: number; readonly dueOn: string },
  today: string,
): DuesState {
  if (dues.amountCents === 0) return 'exempt'
  if (dues.remainingCents === 0) return 'paid'
  return dues.dueOn < today ? 'late' : 'due'
}

/**
 * What remains of each year when an account owes `balanceCents` in all: what came settles the oldest year first.
 * @param years oldest first
 */
export function remainders(years: readonly number[], balanceCents: number): number[] {
  let owed = Math.max(0, balanceCents)
  return [...years]
    .reverse()
    .map((amount) => {
      const remaining = Math.min(amount, owed)
      owed -= remaining
      return remaining
    })
    .reverse()
}

/**
 * What of each waiver is taken back when the fee of a year is withdrawn, in cents: what it let off of that year, and so much more that
 * all of them together let off no more than the fees that stay. Nobody is paid by having been let off.
 * @param waivers what is left of those of one member, first those that name that year, latest first; `ofYear`: what of it is of that year
 * @param fees of that year, and of all others
 */
export function waiversBack(
  waivers: readonly { readonly cents: number; readonly ofYear: number }[],
  { amountCents, othersCents }: { readonly amountCents: number; readonly othersCents: number },
): number[] {
  const sum = (amounts: readonly number[]) => amounts.reduce((all, one) => all + one, 0)
  let left = amountCents
  const backs = waivers.map(({ ofYear }) => {
    const back = Math.min(ofYear, left)
    left -= back
    return back
  })
  let more = sum(waivers.map(({ cents }) => cents)) - sum(backs) - othersCents
  return waivers.map(({ cents }, i) => {
    const extra = Math.max(0, Math.min(more, cents - backs[i]!))
    more -= extra
    return backs[i]! + extra
  })
}

/** Where money comes to, by how it comes. A cheque is on its way to the bank, a card at its provider. */
export function accountOf(way: PaymentWay): 'bank' | 'cheques' | 'cash' | 'cards' {
  switch (way) {
    case 'cheque':
      return 'cheques'
    case 'cash':
      return 'cash'
    case 'card':
      return 'cards'
    default:
      return 'bank'
  }
}

/** Whether the bank has a file, or should: nothing of it can be held back here. */
export function isGone(
  file: { readonly handedAt: Date | null; readonly collectOn: string },
  day: string,
): boolean {
  return file.handedAt !== null || file.collectOn <= day
}

/**
 * What tells a cheque from others, however its reference is written: its digits, « chèque n° 0001234 » being 1234; without any, its
 * words. Undefined: nothing does.
 */
export function chequeKey(reference: string): string | undefined {
  const digits = reference.replace(/[^0-9]/g, '')
  if (digits !== '') return `n° ${digits.replace(/^0+(?=.)/, '')}`
  const words = searchName(reference)
  return words === '' ? undefined : words
}

/** AC63-2026-00042 */
export function receiptNumber(schemeId: string, year: number, no: number): string {
  return `${schemeId.toUpperCase()}-${year}-${String(no).padStart(5, '0')}`
}

/** What a transfer says, so that the chamber finds whose it is: AC63 9F3A2B1C. */
export function paymentReference(schemeId: string, memberId: string): string {
  return `${schemeId} ${memberId.slice(-8)}`.toUpperCase()
}

/** Who is paid: as the scheme says, else its chamber. */
export function creditorName(
  { creditor }: { readonly creditor: { readonly name: string } },
  { chamber }: { readonly chamber: string },
): string {
  return creditor.name === '' ? chamber : creditor.name
}
