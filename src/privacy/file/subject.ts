import type { MemberScope } from '../../members/filters.ts'
import { parsePhone } from '../../members/rules.ts'
import type { Tx } from '../../platform/db.ts'
import { listNamed } from '../requests/open.ts'
import { createWholeNameMatcher } from '../retention/words.ts'

/** The person, or the business, that a request asks about, and the keys by which its data is found. */
export interface Subject {
  readonly schemeId: string
  /** The member and those merged into it; empty for a person who is no member. */
  readonly memberIds: readonly string[]
  /** Contacts of these members that the file is about: all, or the one who asks. */
  readonly contactIds: readonly string[]
  /** False for one of several contacts of a member: what is the business's own is left out. */
  readonly isWhole: boolean
  readonly people: readonly string[]
  /** E.164. */
  readonly phones: readonly string[]
  /** Lower case. */
  readonly mails: readonly string[]
  /** Numbers and addresses among them that a contact of the scheme has: data outside the schemes is found by these only. */
  readonly held: { readonly phones: readonly string[]; readonly mails: readonly string[] }
  /** Whether a trade chamber gives the file: its data is found by members and contacts only, and some of it is left out. */
  readonly isOfTrades: boolean
}

/** A contact that a request may be about. */
export interface Candidate {
  readonly id: string
  readonly memberId: string
  readonly person: string
  readonly mobile: string | null
  readonly mail: string | null
}

const NUMBER = /\+?\d[\d\s.()-]{7,}\d/g
const MAIL = /[^\s,;<>()]+@[^\s,;<>()]+\.[^\s,;<>()]+/g

/**
 * Finds whom a request is about. A member asks for its whole file; where the request names one of several contacts, for what is that
 * contact's only. For a user of some trades nothing is found by numbers, addresses and names, which a business, a request to join or a list
 * of another trade may have too. A person who is no member is found by the numbers and addresses in the request: a name alone may be a namesake's.
 */
export async function findSubject(
  tx: Tx,
  schemeId: string,
  { memberId, person }: { readonly memberId: string | null; readonly person: string },
  only: MemberScope,
): Promise<Subject> {
  if (memberId === null) return findStranger(tx, schemeId, person)
  const { mergedInto } = await tx
    .selectFrom('members')
    .select('mergedInto')
    .where('schemeId', '=', schemeId)
    .where('id', '=', memberId)
    .executeTakeFirstOrThrow()
  const kept = mergedInto ?? memberId
  const memberIds = (await listNamed(tx, schemeId, [kept])).get(kept)?.ids ?? [kept]
  const contacts = await listContactsOf(tx, schemeId, memberIds)
  const asking = contacts.filter((contact) => person !== '' && isNamed(person, contact))
  const isWhole = asking.length === 0 || asking.length === contacts.length
  return subjectOf({ schemeId, memberIds, contacts: isWhole ? contacts : asking, isWhole }, only)
}

/** Builds the subject of a request about some or all contacts of a member. */
export function subjectOf(
  {
    schemeId,
    memberIds,
    contacts: theirs,
    isWhole,
  }: Pick<Subject, 'schemeId' | 'memberIds' | 'isWhole'> & { readonly contacts: readonly Candidate[] },
  only: MemberScope,
): Subject {
  const isOfTrades = only.trades !== undefined
  const held = keysOf(isOfTrades ? [] : theirs)
  return {
    schemeId,
    memberIds,
    contactIds: theirs.map(({ id }) => id),
    isWhole,
    people: isOfTrades ? [] : theirs.map((contact) => contact.person),
    ...held,
    held,
    isOfTrades,
  }
}

/** Lists the contacts of members. */
export function listContactsOf(tx: Tx, schemeId: string, memberIds: readonly string[]): Promise<Candidate[]> {
  return tx
    .selectFrom('contacts')
    .select(['id', 'memberId', 'person', 'mobile', 'mail'])
    .where('schemeId', '=', schemeId)
    .where('memberId', 'in', memberIds)
    .orderBy('position')
    .execute()
}

function keysOf(contacts: readonly { readonly mobile: string | null; readonly mail: string | null }[]) {
  return {
    phones: contacts.flatMap(({ mobile }) => mobile ?? []),
    mails: contacts.flatMap(({ mail }) => (mail ? [mail.toLowerCase()] : [])),
  }
}

/** Tells whether a text names a contact by its number, its address or its whole name. */
export function isNamed(
  text: string,
  { person, mobile, mail }: { person: string; mobile: string | null; mail: string | null },
): boolean {
  return createWholeNameMatcher({
    shops: [],
    sirets: [],
    addresses: [],
    people: [person],
    phones: mobile === null ? [] : [mobile],
    mails: mail ? [mail.toLowerCase()] : [],
  })(text)
}

async function findStranger(tx: Tx, schemeId: string, person: string): Promise<Subject> {
  const keys = keysIn(person)
  return strangerOf(schemeId, keys, await listContactsWith(tx, schemeId, keys))
}

/** Builds the subject of a request of a person who is no member, about contacts with these numbers and addresses. */
export function strangerOf(
  schemeId: string,
  { phones, mails }: Pick<Subject, 'phones' | 'mails'>,
  contacts: readonly Candidate[],
): Subject {
  return {
    schemeId,
    memberIds: [],
    contactIds: contacts.map(({ id }) => id),
    isWhole: false,
    people: contacts.map((contact) => contact.person),
    phones,
    mails,
    held: keysOf(contacts),
    isOfTrades: false,
  }
}

/** Returns the numbers and addresses that a text holds. */
export function keysIn(person: string): Pick<Subject, 'phones' | 'mails'> {
  const phones = [...person.matchAll(NUMBER)].flatMap(([text]) => {
    const parsed = parsePhone(text)
    return 'value' in parsed ? [parsed.value.e164] : []
  })
  const mails = [...person.matchAll(MAIL)].map(([mail]) => mail.toLowerCase())
  return { phones, mails }
}

/** Lists the contacts with one of these numbers or addresses. */
export function listContactsWith(
  tx: Tx,
  schemeId: string,
  { phones, mails }: Pick<Subject, 'phones' | 'mails'>,
): Promise<Candidate[]> {
  return tx
    .selectFrom('contacts')
    .select(['id', 'memberId', 'person', 'mobile', 'mail'])
    .where('schemeId', '=', schemeId)
    .where(({ or, eb, fn }) =>
      or([
        ...phones.map((phone) => eb('mobile', '=', phone)),
        ...mails.map((mail) => eb(fn<string>('lower', ['mail']), '=', mail)),
      ]),
    )
    .orderBy('id')
    .execute()
}
