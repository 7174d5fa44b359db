import type { ContactRow, MemberFields } from '../../members/store.ts'
import type { MemberStatus } from '../../schema.ts'

/** What one of two members says better than the other, chosen one by one. */
export const MERGE_CHOICES = ['name', 'siret', 'activity', 'place', 'quiet'] as const
export type MergeChoice = (typeof MERGE_CHOICES)[number]
/** From which of the two. */
export type MergeFrom = 'kept' | 'merged'
export type MergeTake = Readonly<Record<MergeChoice, MergeFrom>>

/** What a first choice between two members depends on. */
export interface Choosable {
  readonly siret: string | null
  readonly naf: string | null
  readonly trade: string
  readonly communeCode: string
  readonly address: string | null
  readonly hasQuiet: boolean
}

/** The kept one's own, but for what it has not and the other has. */
export function firstTake(kept: Choosable, merged: Choosable): MergeTake {
  const where = (isFrom: boolean): MergeFrom => (isFrom ? 'merged' : 'kept')
  return {
    name: 'kept',
    siret: where(kept.siret === null && merged.siret !== null),
    activity: where(kept.naf === null && merged.naf !== null && kept.trade === merged.trade),
    place: where(kept.address === null && merged.address !== null && kept.communeCode === merged.communeCode),
    quiet: where(!kept.hasQuiet && merged.hasQuiet),
  }
}

export interface MergeContact extends ContactRow {
  /** The member that it came from by an earlier merge. */
  readonly mergedFrom: string | null
}

/** One of two members to be merged, whole. */
export interface MergeSide extends MemberFields {
  readonly quietFrom: number | null
  readonly quietTo: number | null
  readonly contacts: readonly MergeContact[]
}

export type MergeFields = Omit<MergeSide, 'contacts'>

export interface MergePlan {
  /** The kept one afterwards. */
  readonly fields: MergeFields
  /** Contacts of the kept one that take over what the other had on the same number, as they are afterwards. */
  readonly joined: readonly { readonly id: string; readonly other: string; readonly after: MergeContact }[]
  /** Contacts of the other that become the kept one's, as they are afterwards. */
  readonly moved: readonly MergeContact[]
  /** Contacts of the other whose number and mail the kept one has: they stay with the pointer, without a number. */
  readonly left: readonly string[]
}

/** How a kept member stands afterwards: active when one of the two is, whoever suspended the other. */
export function statusAfter(kept: MemberStatus, merged: MemberStatus): MemberStatus {
  return merged === 'active' ? 'active' : kept
}

/**
 * What becomes of two members that are one business. No number and no mail is lost, none is there twice, and whoever got
 * alerts goes on getting them: the kept one is active when one of the two is, and a number that both have gets SMS when it
 * did at one that was active.
 */
export function planMerge(kept: MergeSide, merged: MergeSide, take: MergeTake): MergePlan {
  const from = (choice: MergeChoice) => (take[choice] === 'merged' ? merged : kept)
  const { contacts: _contacts, ...own } = kept
  const fields: MergeFields = {
    ...own,
    name: from('name').name,
    searchName: from('name').searchName,
    siret: from('siret').siret,
    naf: from('activity').naf,
    trade: from('activity').trade,
    communeCode: from('place').communeCode,
    address: from('place').address,
    latitude: from('place').latitude,
    longitude: from('place').longitude,
    quietFrom: from('quiet').quietFrom,
    quietTo: from('quiet').quietTo,
    status: statusAfter(kept.status, merged.status),
  }
  const isReached = (side: MergeSide, sms: boolean) =>
    sms && (side.status === 'active' || fields.status !== 'active')
  const contacts = new Map(kept.contacts.map((contact) => [contact.id, contact]))
  const others = new Map<string, string>()
  const moved: MergeContact[] = []
  const left: string[] = []
  let position = Math.max(-1, ...kept.contacts.map((contact) => contact.position))
  for (const contact of merged.contacts) {
    const same = [...contacts.values()].find(({ mobile }) => mobile !== null && mobile === contact.mobile)
    if (same !== undefined) {
      contacts.set(same.id, {
        ...same,
        person: same.person || contact.person,
        mail: same.mail ?? contact.mail,
        sms: isReached(kept, same.sms) || isReached(merged, contact.sms),
      })
      others.set(same.id, contact.id)
    }
    const mails = [...contacts.values(), ...moved].map(({ mail }) => mail)
    const isMailKnown = contact.mail === null || mails.some((mail) => isSameMail(mail, contact.mail))
    const hasNumber = same === undefined && contact.mobile !== null
    if (!hasNumber && isMailKnown && (same !== undefined || contact.mail !== null)) left.push(contact.id)
    else {
      moved.push({
        ...contact,
        memberId: kept.id,
        mergedFrom: merged.id,
        mobile: hasNumber ? contact.mobile : null,
        sms: hasNumber && contact.sms,
        position: ++position,
      })
    }
  }
  return {
    fields,
    joined: [...others].map(([id, other]) => ({ id, other, after: contacts.get(id)! })),
    moved,
    left,
  }
}

function isSameMail(a: string | null, b: string | null): boolean {
  return a !== null && b !== null && a.toLowerCase() === b.toLowerCase()
}
