import type { Lang } from '../../i18n/format.ts'
import type { ContactRow, MemberFields } from '../../members/store.ts'
import type { MemberStatus } from '../../schema.ts'

/** Groups of fields for which the user chooses one of the two members. */
export const MERGE_CHOICES = ['name', 'siret', 'activity', 'place', 'quiet'] as const
export type MergeChoice = (typeof MERGE_CHOICES)[number]
/** The member from which a field is taken. */
export type MergeFrom = 'kept' | 'merged'
export type MergeTake = Readonly<Record<MergeChoice, MergeFrom>>

/** The data that the default choice depends on. */
export interface Choosable {
  readonly siret: string | null
  readonly naf: string | null
  readonly naf2025: string | null
  readonly trade: string
  readonly communeCode: string
  readonly address: string | null
  readonly hasQuiet: boolean
}

/** Returns the default choice: the kept one's fields, except those that only the other has. */
export function defaultMergeTake(kept: Choosable, merged: Choosable): MergeTake {
  const where = (isFrom: boolean): MergeFrom => (isFrom ? 'merged' : 'kept')
  return {
    name: 'kept',
    siret: where(kept.siret === null && merged.siret !== null),
    activity: where(!hasNaf(kept) && hasNaf(merged) && kept.trade === merged.trade),
    place: where(kept.address === null && merged.address !== null && kept.communeCode === merged.communeCode),
    quiet: where(!kept.hasQuiet && merged.hasQuiet),
  }
}

function hasNaf({ naf, naf2025 }: Choosable): boolean {
  return naf !== null || naf2025 !== null
}

/** Returns the first of two days (YYYY-MM-DD). */
function earliest(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b
  return a < b ? a : b
}

export interface MergeContact extends ContactRow {
  /** The member that it came from through an earlier merge. */
  readonly mergedFrom: string | null
  /** The language in which the person is written to; null: not known. */
  readonly lang: Lang | null
}

/** One of two members to be merged, with all its data. */
export interface MergeSide extends MemberFields {
  readonly quietFrom: number | null
  readonly quietTo: number | null
  /** The day of the charter signed on paper (YYYY-MM-DD). */
  readonly charterOn: string | null
  readonly tags: readonly string[]
  readonly contacts: readonly MergeContact[]
}

export type MergeFields = Omit<MergeSide, 'contacts'>

export interface MergePlan {
  /** The fields of the kept member after the merge. */
  readonly fields: MergeFields
  /** Contacts of the kept member that absorb the other's contact with the same number, in their final state. */
  readonly joined: readonly { readonly id: string; readonly other: string; readonly after: MergeContact }[]
  /** Contacts of the other that move to the kept member, in their final state. */
  readonly moved: readonly MergeContact[]
  /**
   * Contacts of the other whose number and mail the kept member already has: they stay with the pointer, without a number.
   */
  readonly left: readonly string[]
}

/**
 * Returns the status of the kept member after a merge: active if one of the two was, regardless of who suspended the other.
 */
export function statusAfterMerge(kept: MemberStatus, merged: MemberStatus): MemberStatus {
  return merged === 'active' ? 'active' : kept
}

/**
 * Plans the merge of two members. No number and no mail is lost or doubled, and every contact that received alerts keeps
 * receiving them: the kept member is active if one of the two was, and a number that both have gets SMS if it did at a member
 * that was active.
 */
export function planMerge(kept: MergeSide, merged: MergeSide, take: MergeTake): MergePlan {
  const fields = fieldsAfterMerge(kept, merged, take)
  return { fields, ...contactsAfterMerge(kept, merged, fields.status) }
}

function fieldsAfterMerge(kept: MergeSide, merged: MergeSide, take: MergeTake): MergeFields {
  const from = (choice: MergeChoice) => (take[choice] === 'merged' ? merged : kept)
  const { contacts: _contacts, ...own } = kept
  return {
    ...own,
    name: from('name').name,
    searchName: from('name').searchName,
    siret: from('siret').siret,
    naf: from('activity').naf,
    naf2025: from('activity').naf2025,
    trade: from('activity').trade,
    communeCode: from('place').communeCode,
    address: from('place').address,
    postalCode: from('place').postalCode,
    joinedOn: earliest(kept.joinedOn, merged.joinedOn),
    charterOn: earliest(kept.charterOn, merged.charterOn),
    tags: [...new Set([...kept.tags, ...merged.tags])],
    latitude: from('place').latitude,
    longitude: from('place').longitude,
    quietFrom: from('quiet').quietFrom,
    quietTo: from('quiet').quietTo,
    status: statusAfterMerge(kept.status, merged.status),
  }
}

/** Plans the contacts of a merge whose kept member then has this status. */
function contactsAfterMerge(
  kept: MergeSide,
  merged: MergeSide,
  status: MemberStatus,
): Omit<MergePlan, 'fields'> {
  const isReached = (side: MergeSide, { sms }: MergeContact) =>
    sms && (side.status === 'active' || status !== 'active')
  const contacts = new Map(kept.contacts.map((contact) => [contact.id, contact]))
  const others = new Map<string, string>()
  const moved: MergeContact[] = []
  const left: string[] = []
  let position = Math.max(-1, ...kept.contacts.map((contact) => contact.position))
  for (const contact of merged.contacts) {
    const same = [...contacts.values()].find(({ mobile }) => mobile !== null && mobile === contact.mobile)
    if (same !== undefined) {
      const sms = isReached(kept, same) || isReached(merged, contact)
      contacts.set(same.id, { ...joinContacts(same, contact), sms })
      others.set(same.id, contact.id)
    }
    const hasNewMail = contact.mail !== null && !hasMail([...contacts.values(), ...moved], contact.mail)
    const hasNewNumber = contact.mobile !== null && same === undefined
    const hasNeither = contact.mail === null && contact.mobile === null
    if (hasNewMail || hasNewNumber || hasNeither) {
      moved.push({
        ...contact,
        memberId: kept.id,
        mergedFrom: merged.id,
        mobile: hasNewNumber ? contact.mobile : null,
        sms: hasNewNumber && contact.sms,
        position: ++position,
      })
    } else left.push(contact.id)
  }
  return {
    joined: [...others].map(([id, other]) => ({ id, other, after: contacts.get(id)! })),
    moved,
    left,
  }
}

/** Returns a contact of the kept member with what only the other contact of the same number knows. */
function joinContacts(contact: MergeContact, other: MergeContact): MergeContact {
  return {
    ...contact,
    person: contact.person || other.person,
    mail: contact.mail ?? other.mail,
    lang: contact.lang ?? other.lang,
  }
}

function hasMail(contacts: readonly MergeContact[], wanted: string): boolean {
  return contacts.some(({ mail }) => mail?.toLowerCase() === wanted.toLowerCase())
}
