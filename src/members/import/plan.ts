import type { MemberStatus } from '../../schema.ts'
import { searchName } from '../../territory/rules.ts'
import type { ImportRemark } from '../contract.ts'
import { parsePhone } from '../rules.ts'
import type { ContactRow, MemberFields, StoredContact, StoredMember } from '../store.ts'
import type { MemberRow, RowContact } from './rows.ts'

export interface ImportPlan {
  readonly created: readonly MemberFields[]
  /** Members whose fields change; a change of contacts alone is counted, not listed here. */
  readonly changed: readonly MemberFields[]
  readonly newContacts: readonly ContactRow[]
  readonly changedContacts: readonly ContactRow[]
  /** Rows that change a member or its contacts. */
  readonly updated: number
  readonly unchanged: number
  readonly problems: readonly ImportRemark[]
  readonly warnings: readonly ImportRemark[]
}

function remark(row: MemberRow, code: string, values: ImportRemark['values'] = {}): ImportRemark {
  return { line: row.line, column: null, code, value: null, values }
}

function placeKey(row: { readonly searchName: string; readonly communeCode: string }): string {
  return `${row.communeCode} ${row.searchName}`
}

function group<K, V>(items: Iterable<V>, keysOf: (item: V) => Iterable<K>): Map<K, V[]> {
  const groups = new Map<K, V[]>()
  for (const item of items) {
    for (const key of keysOf(item)) {
      const list = groups.get(key)
      if (list) list.push(item)
      else groups.set(key, [item])
    }
  }
  return groups
}

/** Different SIRET: different businesses, whatever else they share. */
function distinctSirets(a: { readonly siret: string | null }, b: { readonly siret: string | null }): boolean {
  return a.siret !== null && b.siret !== null && a.siret !== b.siret
}

/**
 * Rows that say the same business twice: the same SIRET, or the same number, name and commune. Each is told from
 * its second time on.
 */
export function findDuplicates(rows: readonly MemberRow[]): Map<MemberRow, ImportRemark> {
  const found = new Map<MemberRow, ImportRemark>()
  const bySiret = new Map<string, MemberRow>()
  const byPhone = new Map<string, MemberRow[]>()
  for (const row of rows) {
    const sameSiret = row.siret === null ? undefined : bySiret.get(row.siret)
    const keys = row.contacts.map((contact) => `${contact.phone.e164} ${placeKey(row)}`)
    const samePhone = keys
      .flatMap((key) => byPhone.get(key) ?? [])
      .find((other) => !distinctSirets(row, other))
    if (sameSiret !== undefined)
      found.set(row, remark(row, 'import.duplicate_siret', { other: sameSiret.line }))
    else if (samePhone !== undefined)
      found.set(row, remark(row, 'import.duplicate_phone', { other: samePhone.line }))
    if (row.siret !== null && sameSiret === undefined) bySiret.set(row.siret, row)
    for (const key of keys) {
      const list = byPhone.get(key)
      if (list) list.push(row)
      else byPhone.set(key, [row])
    }
  }
  return found
}

/**
 * The member that a row is about; undefined for a new one.
 * - `joined`: rows that name a member by what it was before a merge, or what was merged into it. Another row may be about
 *   the same.
 */
function matchRows(
  rows: readonly MemberRow[],
  stored: readonly StoredMember[],
): {
  matches: Map<MemberRow, StoredMember>
  joined: Map<MemberRow, StoredMember>
  problems: ImportRemark[]
  warnings: ImportRemark[]
} {
  const bySiret = new Map(
    stored.flatMap((member) => (member.siret === null ? [] : [[member.siret, member] as const])),
  )
  const byPhone = group(
    stored,
    (member) => new Set(member.contacts.flatMap((contact) => contact.mobile ?? [])),
  )
  const byPlace = group(stored, (member) => [placeKey(member)])
  const merged = stored.filter(({ aliases }) => aliases.length > 0)
  const byOldSiret = new Map(
    merged.flatMap((member) =>
      member.aliases.flatMap(({ siret }) => (siret === null ? [] : [[siret, member] as const])),
    ),
  )
  const byOldPlace = group(merged, (member) => new Set(member.aliases.map(placeKey)))
  const matches = new Map<MemberRow, StoredMember>()
  const joined = new Map<MemberRow, StoredMember>()
  const claimed = new Set<StoredMember>()
  const problems: ImportRemark[] = []
  const warnings: ImportRemark[] = []
  const claim = (row: MemberRow, member: StoredMember) => {
    matches.set(row, member)
    claimed.add(member)
  }
  const join = (row: MemberRow, member: StoredMember) => {
    joined.set(row, member)
    warnings.push(remark(row, 'import.merged', { name: member.name }))
  }
  const isKnown = (row: MemberRow) => matches.has(row) || joined.has(row)
  /** Of those merged, the one that had this name in this commune. */
  const oldHomonymOf = (row: MemberRow): StoredMember | undefined => {
    const members = (byOldPlace.get(placeKey(row)) ?? []).filter((member) => !distinctSirets(row, member))
    return members.length === 1 ? members[0] : undefined
  }
  const ownersOf = (row: MemberRow) => [
    ...new Set(row.contacts.flatMap((contact) => byPhone.get(contact.phone.e164) ?? [])),
  ]
  const open = (row: MemberRow, members: readonly StoredMember[]) =>
    members.filter((member) => !claimed.has(member) && !distinctSirets(row, member))

  // From the surest sign to the weakest, so that no row takes a member that another row is surely about.
  for (const row of rows) {
    const member = row.siret === null ? undefined : bySiret.get(row.siret)
    if (member !== undefined) claim(row, member)
  }
  for (const row of rows) {
    const member = row.siret === null || isKnown(row) ? undefined : byOldSiret.get(row.siret)
    if (member !== undefined) join(row, member)
  }
  for (const row of rows) {
    if (isKnown(row)) continue
    const exact = open(row, ownersOf(row)).filter((member) => placeKey(member) === placeKey(row))
    if (exact.length === 1) claim(row, exact[0]!)
  }
  for (const row of rows) {
    if (isKnown(row)) continue
    const old = oldHomonymOf(row)
    if (old !== undefined && ownersOf(row).includes(old)) join(row, old)
  }
  for (const row of rows) {
    if (isKnown(row)) continue
    const owners = ownersOf(row)
    const candidates = open(row, owners)
    if (candidates.length === 1 && owners.length === 1) {
      const [owner] = candidates as [StoredMember]
      claim(row, owner)
      if (owner.searchName !== row.searchName)
        warnings.push(remark(row, 'import.matched_by_phone', { name: owner.name }))
    } else if (candidates.length > 0) {
      problems.push(
        remark(row, 'import.ambiguous_phone', { members: owners.map((owner) => owner.name).join(', ') }),
      )
    } else {
      // A number that changed: the same name in the same commune is the same business, not a second one.
      const homonyms = open(row, byPlace.get(placeKey(row)) ?? [])
      const old = oldHomonymOf(row)
      if (homonyms.length === 0) {
        if (old !== undefined) join(row, old)
        continue
      }
      if (homonyms.length > 1) problems.push(remark(row, 'import.ambiguous_name', { count: homonyms.length }))
      else {
        claim(row, homonyms[0]!)
        warnings.push(remark(row, 'import.matched_by_name', { name: homonyms[0]!.name }))
      }
    }
  }
  return { matches, joined, problems, warnings }
}

/** What the rows change, over the members that they may be about (by SIRET, number, or name and commune). */
export function planImport(
  rows: readonly MemberRow[],
  stored: readonly StoredMember[],
  newId: () => string,
): ImportPlan {
  const { matches, joined, problems, warnings } = matchRows(rows, stored)
  const refused = new Set(problems.map((problem) => problem.line))
  const created: MemberFields[] = []
  const changed: MemberFields[] = []
  const newContacts: ContactRow[] = []
  const changedContacts: ContactRow[] = []
  let updated = 0
  let unchanged = 0
  /** All numbers that the list gives a member, on whichever of its rows. */
  const givenTo = new Map<StoredMember, Set<string>>()
  for (const [row, member] of [...matches, ...joined]) {
    const given = givenTo.get(member) ?? new Set()
    for (const contact of row.contacts) given.add(contact.phone.e164)
    givenTo.set(member, given)
  }
  for (const row of rows) {
    if (refused.has(row.line) || joined.has(row)) continue
    const member = matches.get(row)
    if (member === undefined) {
      const id = newId()
      created.push({ ...fieldsOf(row), id, status: row.status ?? 'active' })
      row.contacts.forEach((contact, position) => {
        newContacts.push({ ...contactOf(contact), id: newId(), memberId: id, position })
      })
      continue
    }
    const fields = merge(member, row)
    const contacts = mergeContacts(member, row.contacts, givenTo.get(member) ?? new Set(), newId)
    if (fields !== undefined) changed.push(fields)
    newContacts.push(...contacts.added)
    changedContacts.push(...contacts.changed)
    if (fields !== undefined || contacts.added.length > 0 || contacts.changed.length > 0) updated++
    else unchanged++
  }
  // After the rows of the members themselves, whose word comes first.
  for (const [row, member] of joined) {
    const all = [...member.contacts, ...changedContacts, ...newContacts].filter(
      ({ memberId }) => memberId === member.id,
    )
    const added = row.contacts.filter(({ phone }) => !all.some(({ mobile }) => mobile === phone.e164))
    const last = Math.max(-1, ...all.map(({ position }) => position))
    added.forEach((contact, n) => {
      newContacts.push({ ...contactOf(contact), id: newId(), memberId: member.id, position: last + 1 + n })
    })
    if (added.length > 0) updated++
    else unchanged++
  }
  return { created, changed, newContacts, changedContacts, updated, unchanged, problems, warnings }
}

function fieldsOf(row: MemberRow): Omit<MemberFields, 'id' | 'status'> {
  return {
    name: row.name,
    searchName: row.searchName,
    siret: row.siret,
    naf: row.naf,
    trade: row.trade,
    communeCode: row.communeCode,
    address: row.address,
    latitude: row.point?.latitude ?? null,
    longitude: row.point?.longitude ?? null,
  }
}

/** The member with what the row says over it; undefined when it changes nothing. An empty cell erases nothing. */
function merge(member: StoredMember, row: MemberRow): MemberFields | undefined {
  const { contacts: _contacts, aliases: _aliases, ...before } = member
  const after: MemberFields = {
    id: member.id,
    name: row.name,
    searchName: row.searchName,
    siret: row.siret ?? member.siret,
    naf: row.naf ?? member.naf,
    trade: row.trade,
    communeCode: row.communeCode,
    address: row.address ?? member.address,
    latitude: row.point?.latitude ?? member.latitude,
    longitude: row.point?.longitude ?? member.longitude,
    status: row.status ?? (member.status satisfies MemberStatus),
  }
  const same = (Object.keys(after) as (keyof MemberFields)[]).every((key) => after[key] === before[key])
  return same ? undefined : after
}

function contactOf(contact: RowContact): Omit<ContactRow, 'id' | 'memberId' | 'position'> {
  return {
    person: contact.person,
    mobile: contact.phone.e164,
    mail: contact.mail,
    sms: contact.phone.kind === 'mobile',
  }
}

/**
 * A number that the member has: its person and mail are refreshed, its consent is left. A number that it has not:
 * it takes the place of the contact of the same person, else of the same rank, whose number the row no longer
 * gives; without one it is added. Contacts that the row says nothing of stay, and those that came by a merge.
 * @param given every number that the list gives the member
 */
function mergeContacts(
  member: StoredMember,
  contacts: readonly RowContact[],
  given: ReadonlySet<string>,
  newId: () => string,
): { added: ContactRow[]; changed: ContactRow[] } {
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
      added.push({ ...contactOf(contact), id: newId(), memberId: member.id, position: ++position })
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
      sms: sameNumber ? old.sms : contact.phone.kind === 'mobile' && !optedOut,
    }
    const differs = (['person', 'mail', 'mobile', 'sms'] as const).some((key) => after[key] !== old[key])
    if (differs) changed.push(after)
  }
  return { added, changed }
}

function kindOf(contact: ContactRow): 'mobile' | 'landline' | undefined {
  if (contact.mobile === null) return undefined
  // What receives SMS is a mobile, whatever today's numbering plan says of its number.
  if (contact.sms) return 'mobile'
  const phone = parsePhone(contact.mobile)
  return 'value' in phone ? phone.value.kind : 'mobile'
}

/** A mobile takes the place of a mobile, a landline of a landline, either of none. */
function sameKind(old: ContactRow, contact: RowContact): boolean {
  const kind = kindOf(old)
  return kind === undefined || kind === contact.phone.kind
}
