import { isMoved, NO_POINT, parsePhone, streetIn } from '../../../members/rules.ts'
import type { ContactRow, MemberFields, StoredContact, StoredMember } from '../../../members/store.ts'
import type { MemberStatus } from '../../../schema.ts'
import { replaceNaf } from '../../../schemes/naf/naf.ts'
import { searchName } from '../../../territory/places/spelling.ts'
import type { RowContact } from '../check/contacts.ts'
import { noteInCell } from '../check/extras.ts'
import type { MemberRow } from '../check/row.ts'

export interface ImportPlan {
  readonly created: readonly MemberFields[]
  /** Members whose fields change; a change of contacts only is counted but not listed here. */
  readonly changed: readonly MemberFields[]
  readonly newContacts: readonly ContactRow[]
  readonly changedContacts: readonly ContactRow[]
  /** Members that change, in their fields or contacts. */
  readonly touched: readonly string[]
  readonly unchanged: number
  readonly extras: readonly RowExtras[]
}

/** The data that a row adds beside the fields of a business. */
export interface RowExtras {
  readonly memberId: string
  /** Null: it stays. */
  readonly charterOn: string | null
  /** Names. */
  readonly tags: readonly string[]
  readonly notes: readonly string[]
}

/** Returns what a row adds that its member lacks; undefined if nothing. */
function extrasOf(
  row: MemberRow,
  member: Pick<StoredMember, 'id' | 'charterOn' | 'tagNames' | 'notes'>,
): RowExtras | undefined {
  const names = new Set(member.tagNames.map((name) => name.toLowerCase()))
  const tags = row.tags.filter((name) => !names.has(name.toLowerCase()))
  const known = new Set(member.notes.map(noteInCell))
  const notes = row.notes.filter((note) => !known.has(noteInCell(note)))
  const charterOn = row.charterOn === member.charterOn ? null : row.charterOn
  if (charterOn === null && tags.length + notes.length === 0) return undefined
  return { memberId: member.id, charterOn, tags, notes }
}

const NO_EXTRAS = { charterOn: null, tagNames: [], notes: [] }

/** The data for planning that is not in the rows. */
export interface PlanFacts {
  /** All numbers that the list gives a member named on several rows. */
  readonly givenTo: ReadonlyMap<string, ReadonlySet<string>>
  /** Numbers that opted out: no list changes that. */
  readonly optedOut: ReadonlySet<string>
  readonly newId: () => string
}

/**
 * Plans the changes of rows without problems, except joined ones.
 * @param memberOf the member of a row; undefined for a new member
 */
export function planRows(
  rows: readonly MemberRow[],
  memberOf: (row: MemberRow) => StoredMember | undefined,
  facts: PlanFacts,
): ImportPlan {
  const { newId } = facts
  const created: MemberFields[] = []
  const changed: MemberFields[] = []
  const newContacts: ContactRow[] = []
  const changedContacts: ContactRow[] = []
  const touched: string[] = []
  const extras: RowExtras[] = []
  let unchanged = 0
  for (const row of rows) {
    const member = memberOf(row)
    if (member === undefined) {
      const id = newId()
      created.push({ ...fieldsOf(row), id, status: row.status ?? 'active' })
      extras.push(...[extrasOf(row, { id, ...NO_EXTRAS })].filter((one) => one !== undefined))
      row.contacts.forEach((contact, position) => {
        newContacts.push({ ...contactOf(contact, facts), id: newId(), memberId: id, position })
      })
      continue
    }
    const fields = mergeFields(member, row)
    const contacts = mergeContacts(member, row.contacts, facts)
    if (fields !== undefined) changed.push(fields)
    newContacts.push(...contacts.added)
    changedContacts.push(...contacts.changed)
    const more = extrasOf(row, member)
    if (more !== undefined) extras.push(more)
    if (fields !== undefined || more !== undefined || contacts.added.length + contacts.changed.length > 0)
      touched.push(member.id)
    else unchanged++
  }
  return { created, changed, newContacts, changedContacts, touched, unchanged, extras }
}

/**
 * Plans what joined rows add: numbers that their member lacks. Runs after the rows of the members themselves, which take
 * precedence.
 * @param contactsOf the contacts of a member as planned so far
 */
export function planJoined(
  rows: readonly MemberRow[],
  memberOf: (row: MemberRow) => string,
  contactsOf: (memberId: string) => readonly ContactRow[],
  facts: Omit<PlanFacts, 'givenTo'>,
): ImportPlan {
  const newContacts: ContactRow[] = []
  const touched: string[] = []
  let unchanged = 0
  for (const [memberId, own] of Map.groupBy(rows, memberOf)) {
    const before = contactsOf(memberId)
    const numbers = new Set(before.map(({ mobile }) => mobile))
    let position = Math.max(-1, ...before.map((one) => one.position))
    for (const row of own) {
      const added = row.contacts.filter(({ phone }) => !numbers.has(phone.e164))
      for (const contact of added) {
        numbers.add(contact.phone.e164)
        position++
        newContacts.push({ ...contactOf(contact, facts), id: facts.newId(), memberId, position })
      }
      if (added.length > 0) touched.push(memberId)
      else unchanged++
    }
  }
  return { created: [], changed: [], newContacts, changedContacts: [], touched, unchanged, extras: [] }
}

function fieldsOf(row: MemberRow): Omit<MemberFields, 'id' | 'status'> {
  return {
    name: row.name,
    searchName: row.searchName,
    siret: row.siret,
    naf: row.naf,
    naf2025: row.naf2025,
    trade: row.trade,
    communeCode: row.communeCode,
    address: row.address,
    postalCode: row.postalCode,
    joinedOn: row.joinedOn,
    latitude: row.point?.latitude ?? null,
    longitude: row.point?.longitude ?? null,
  }
}

/**
 * Returns the member updated by the row; undefined if nothing changes. An empty cell erases nothing, except that a business that
 * moves loses the point of the place before, and in another commune its street.
 */
function mergeFields(member: StoredMember, row: MemberRow): MemberFields | undefined {
  const { contacts: _contacts, charterOn: _charter, tagNames: _tags, notes: _notes, ...before } = member
  const place = { communeCode: row.communeCode, address: row.address ?? streetIn(row.communeCode, member) }
  const point = row.point ?? (isMoved(member, place) ? NO_POINT : member)
  const after: MemberFields = {
    id: member.id,
    name: row.name,
    searchName: row.searchName,
    siret: row.siret ?? member.siret,
    ...replaceNaf(member, row),
    trade: row.trade,
    ...place,
    // A postal code is kept only within its commune.
    postalCode: row.postalCode ?? (row.communeCode === member.communeCode ? member.postalCode : null),
    joinedOn: row.joinedOn ?? member.joinedOn,
    latitude: point.latitude,
    longitude: point.longitude,
    status: row.status ?? (member.status satisfies MemberStatus),
  }
  const same = (Object.keys(after) as (keyof MemberFields)[]).every((key) => after[key] === before[key])
  return same ? undefined : after
}

function contactOf(
  contact: RowContact,
  { optedOut }: Pick<PlanFacts, 'optedOut'>,
): Omit<ContactRow, 'id' | 'memberId' | 'position'> {
  return {
    person: contact.person,
    mobile: contact.phone.e164,
    mail: contact.mail,
    sms: contact.phone.kind === 'mobile' && !optedOut.has(contact.phone.e164),
  }
}

/**
 * Updates a member's contacts from a row. For a number that the member has, person and mail are updated and consent is kept.
 * A new number replaces that of the contact with the same person, else of the same rank, if the row no longer has its old
 * number; otherwise it is added. Other contacts stay, and so do those that came through a merge.
 */
function mergeContacts(
  member: StoredMember,
  contacts: readonly RowContact[],
  facts: PlanFacts,
): { added: ContactRow[]; changed: ContactRow[] } {
  const given = facts.givenTo.get(member.id) ?? new Set(contacts.map(({ phone }) => phone.e164))
  const replaceable = new Set(
    member.contacts.filter((old) => !old.isMerged && (old.mobile === null || !given.has(old.mobile))),
  )
  const added: ContactRow[] = []
  const changed: ContactRow[] = []
  let position = Math.max(-1, ...member.contacts.map((old) => old.position))
  for (const [rank, contact] of contacts.entries()) {
    const mobile = contact.phone.e164
    const same = member.contacts.find((old) => old.mobile === mobile)
    const person = searchName(contact.person)
    const place = (old: StoredContact) => replaceable.has(old) && sameKind(old, contact)
    const old =
      same ??
      member.contacts.find((one) => place(one) && person !== '' && searchName(one.person) === person) ??
      [member.contacts[rank]].find((one) => one !== undefined && place(one))
    if (old === undefined) {
      added.push({
        ...contactOf(contact, facts),
        id: facts.newId(),
        memberId: member.id,
        position: ++position,
      })
      continue
    }
    replaceable.delete(old)
    const sameNumber = old.mobile === mobile
    const optedOut = old.mobile !== null && !old.sms && kindOf(old) === 'mobile'
    const { isMerged: _, ...before } = old
    const after: ContactRow = {
      ...before,
      person: contact.person || old.person,
      mail: contact.mail ?? old.mail,
      mobile,
      sms: sameNumber ? old.sms : contactOf(contact, facts).sms && !optedOut,
    }
    const differs = (['person', 'mail', 'mobile', 'sms'] as const).some((key) => after[key] !== old[key])
    if (differs) changed.push(after)
  }
  return { added, changed }
}

function kindOf(contact: ContactRow): 'mobile' | 'landline' | undefined {
  if (contact.mobile === null) return undefined
  // A contact that receives SMS is a mobile, whatever today's numbering plan says of its number.
  if (contact.sms) return 'mobile'
  const phone = parsePhone(contact.mobile)
  return 'value' in phone ? phone.value.kind : 'mobile'
}

/** A mobile replaces a mobile, a landline a landline; either fills a contact without a number. */
function sameKind(old: ContactRow, contact: RowContact): boolean {
  const kind = kindOf(old)
  return kind === undefined || kind === contact.phone.kind
}
