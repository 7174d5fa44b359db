import { DAY_MS } from '../message/clock.ts'
import type { PaymentWay } from '../schema.ts'
import { searchName } from '../territory/places/spelling.ts'
import type { DuesState } from './contract.ts'

/** Returns the day that many days later; earlier if negative. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)
}

/** Returns noon of a day, in ms since 1970, so that texts show the same day in any time zone. */
export function noonOf(day: string): number {
  return Date.parse(`${day}T12:00:00Z`)
}

/** Returns the number of whole days between two days. */
export function daysBetween(from: string, to: string): number {
  return (Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS
}

/** The fees of a campaign. */
export interface Fees {
  readonly year: number
  readonly feeCents: number
  readonly tradeFees: Readonly<Record<string, number>>
  readonly proRata: boolean
  readonly dueOn: string
}

/** Delay of the first notices after a campaign is opened, during which a mistake can be corrected. */
export const CALLS_AFTER_MS = 30 * 60_000

/** Minimum number of days to pay for members who are added late. */
export const JOINED_DAYS = 30

/** Minimum number of days to pay for members who are suspended when a campaign opens. */
export const SUSPENDED_DAYS = 30

/**
 * Computes what a member owes for the year of a campaign, and by when. Pro rata: one twelfth per remaining month, including
 * the month of joining, rounded to the cent; members from earlier years pay the whole fee, and who joins in a later year nothing.
 * @param member `joinedOn`: the day that it became a member, by which the fee is pro rata; `addedOn`: the day that it was added
 * here, or came back, from which it has JOINED_DAYS to pay
 */
export function computeFee(
  fees: Fees,
  member: { readonly trade: string; readonly joinedOn: string; readonly addedOn: string },
): { readonly amountCents: number; readonly dueOn: string } {
  const whole = fees.tradeFees[member.trade] ?? fees.feeCents
  const joinedYear = Number(member.joinedOn.slice(0, 4))
  const part = fees.proRata && joinedYear === fees.year ? 13 - Number(member.joinedOn.slice(5, 7)) : 12
  const months = joinedYear > fees.year ? 0 : part
  const days = [fees.dueOn, addDays(member.addedOn, JOINED_DAYS)]
  // Days sort as text: year, month, day.
  return { amountCents: Math.round((whole * months) / 12), dueOn: days.sort()[1]! }
}

export function duesStateOf(
  dues: { readonly amountCents: number; readonly remainingCents: number; readonly dueOn: string },
  today: string,
): DuesState {
  if (dues.amountCents === 0) return 'exempt'
  if (dues.remainingCents === 0) return 'paid'
  return dues.dueOn < today ? 'late' : 'due'
}

/**
 * Computes what remains of each year if an account owes `balanceCents` in total: payments settle the oldest year first.
 * @param years oldest first
 */
export function remainingByYear(years: readonly number[], balanceCents: number): number[] {
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
 * Computes how much of each waiver to cancel when the fee of a year is withdrawn, in cents: its part for that year, and as
 * much more as needed so that all waivers together do not exceed the remaining fees. A waiver must never become an advance.
 * @param waivers what is left of one member's waivers, first those that name that year, latest first; `ofYear`: the part for
 * that year
 * @param fees of that year, and of all others
 */
export function waiversToCancel(
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

/** Returns the account that a payment arrives on. A cheque waits to be banked, a card payment is at its provider. */
export function accountForWay(way: PaymentWay): 'bank' | 'cheques' | 'cash' | 'cards' {
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

/** Returns Easter Sunday of a year (Gregorian, by Butcher's algorithm). */
function easterOf(year: number): string {
  const [a, b, c] = [year % 19, Math.floor(year / 100), year % 100]
  const [d, e] = [Math.floor(b / 4), b % 4]
  const g = Math.floor((8 * b + 13) / 25)
  const h = (19 * a + b - d - g + 15) % 30
  const l = (32 + 2 * e + 2 * Math.floor(c / 4) - h - (c % 4)) % 7
  const m = Math.floor((a + 11 * h + 22 * l) / 451)
  const n = h + l - 7 * m + 114
  return `${year}-${String(Math.floor(n / 31)).padStart(2, '0')}-${String((n % 31) + 1).padStart(2, '0')}`
}

/**
 * Tells whether banks settle debits on a day: not on weekends, 1 January, Good Friday, Easter Monday, 1 May, 25 and 26 December
 * (calendar of TARGET, the settlement system of the Eurosystem).
 */
export function isTargetDay(day: string): boolean {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay()
  if (weekday === 0 || weekday === 6 || /-(01-01|05-01|12-25|12-26)$/.test(day)) return false
  const easter = easterOf(Number(day.slice(0, 4)))
  return day !== addDays(easter, -2) && day !== addDays(easter, 1)
}

/** Returns the first day, from the given one on, on which banks settle debits. */
export function nextTargetDay(day: string): string {
  let next = day
  while (!isTargetDay(next)) next = addDays(next, 1)
  return next
}

/** Tells whether the bank has a file, or should: nothing can be removed from it here. */
export function isFileAtBank(
  file: { readonly handedAt: Date | null; readonly collectOn: string },
  day: string,
): boolean {
  return file.handedAt !== null || file.collectOn <= day
}

/**
 * Returns a key that identifies a cheque however its reference is written: its digits, so that « chèque n° 0001234 » is 1234;
 * without digits, its words. Undefined if there are neither.
 */
export function chequeKey(reference: string): string | undefined {
  const digits = reference.replace(/[^0-9]/g, '')
  if (digits !== '') return `n° ${digits.replace(/^0+(?=.)/, '')}`
  const words = searchName(reference)
  return words === '' ? undefined : words
}

/** Formats a receipt number: AC63-2026-00042. */
export function receiptNumber(schemeId: string, year: number, no: number): string {
  return `${schemeId.toUpperCase()}-${year}-${String(no).padStart(5, '0')}`
}

/** Returns the number of an invoice as printed: F-AC63-2026-00042. */
export function invoiceNumber(schemeId: string, year: number, no: number): string {
  return `F-${receiptNumber(schemeId, year, no)}`
}

/** Returns the reference of a member's transfers, by which the chamber recognises them: AC63 9F3A2B1C. */
export function paymentReference(schemeId: string, memberId: string): string {
  return `${schemeId} ${memberId.slice(-8)}`.toUpperCase()
}

/** Lists the settings of the creditor without which no invoice can be issued, in the order of the form. */
export function missingForInvoices(creditor: {
  readonly siret: string
  readonly address: string
  readonly vat: string
}): ('siret' | 'address' | 'vat')[] {
  return (['siret', 'address', 'vat'] as const).filter((field) => creditor[field] === '')
}

/** Returns the creditor's name: the one in the settings, otherwise the chamber's. */
export function creditorName(
  { creditor }: { readonly creditor: { readonly name: string } },
  { chamber }: { readonly chamber: string },
): string {
  return creditor.name === '' ? chamber : creditor.name
}
