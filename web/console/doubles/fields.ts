import type { DoubleDues } from '../../../src/changes/merge/contract.ts'
import { type Choosable, MERGE_CHOICES, type MergeChoice } from '../../../src/changes/merge/rules.ts'
import type { MemberView } from '../../../src/members/contract.ts'
import { readableSiret } from '../../../src/message/written.ts'
import { hourOf } from '../../ui/fields/hours.ts'
import { moneyOf } from '../../ui/format/format.ts'
import type { FormatMessage, Lang } from '../../ui/format/text.ts'

/** Returns the codes of a member in both classifications of activities; null without one. */
export function sayNaf(
  t: FormatMessage,
  { naf, naf2025 }: Pick<MemberView, 'naf' | 'naf2025'>,
): string | null {
  if (naf2025 === null) return naf
  return naf === null ? t('member.naf.next', { naf2025 }) : t('member.naf.both', { naf, naf2025 })
}

/** Returns a member's value of each field that can be chosen between two members. */
export function shownValues(
  t: FormatMessage,
  member: MemberView,
  nameOfTrade: (code: string) => string,
): Readonly<Record<MergeChoice, string>> {
  const none = t('member.unknown')
  const { quiet } = member
  return {
    name: member.name,
    siret: member.siret === null ? none : readableSiret(member.siret),
    activity: [nameOfTrade(member.trade), sayNaf(t, member)].filter(Boolean).join(' · '),
    place: [member.address, member.commune.name].filter(Boolean).join(', '),
    quiet:
      quiet === null
        ? t('doubles.quiet.scheme')
        : t('doubles.quiet.own', { from: hourOf(quiet.from), to: hourOf(quiet.to) }),
  }
}

/** Returns the fields in which two members differ. */
export function choicesBetween(
  first: Readonly<Record<MergeChoice, string>>,
  second: Readonly<Record<MergeChoice, string>>,
): MergeChoice[] {
  return MERGE_CHOICES.filter((choice) => first[choice] !== second[choice])
}

export function asChoosable(member: MemberView): Choosable {
  return { ...member, communeCode: member.commune.code, hasQuiet: member.quiet !== null }
}

/** Returns the numbers and mail addresses of two members, each once. */
export function unitedContacts(
  first: MemberView,
  second: MemberView,
): { readonly key: string; readonly sms: boolean }[] {
  const keys = new Map<string, boolean>()
  for (const { status, contacts } of [first, second]) {
    const counts = status === 'active' || (first.status !== 'active' && second.status !== 'active')
    for (const { phone, sms } of contacts) {
      if (phone !== null) keys.set(phone, keys.get(phone) === true || (sms && counts))
    }
  }
  for (const { mail } of [...first.contacts, ...second.contacts]) {
    if (mail !== null) keys.set(mail.toLowerCase(), false)
  }
  return [...keys].map(([key, sms]) => ({ key, sms }))
}

/** Returns what a member was charged and owes, by year. */
export function duesLines(
  t: FormatMessage,
  lang: Lang,
  { years, balanceCents, collecting }: DoubleDues,
): string[] {
  const lines = years.map(({ year, amountCents, remainingCents }) => {
    const values = {
      year: String(year),
      amount: moneyOf(lang, amountCents),
      left: moneyOf(lang, remainingCents),
    }
    if (amountCents === 0) return t('doubles.dues.exempt', values)
    return t(remainingCents === 0 ? 'doubles.dues.settled' : 'doubles.dues.owed', values)
  })
  if (balanceCents < 0) lines.push(t('doubles.dues.advance', { amount: moneyOf(lang, -balanceCents) }))
  if (collecting) lines.push(t('doubles.dues.collecting'))
  return lines.length === 0 ? [t('doubles.dues.none')] : lines
}
