import type { ImportRemark } from '../../members/contract.ts'
import type { NoticeKind } from '../../members/notices.ts'
import { parsePhone } from '../../members/rules.ts'
import type {
  ContactRow,
  MemberFields,
  MemberKeys,
  StoredContact,
  StoredMember,
} from '../../members/store.ts'
import type { MemberStatus } from '../../schema.ts'
import { searchName } from '../../territory/rules.ts'
import type { MemberRow, RowContact } from './rows.ts'

export interface ImportPlan {
  readonly created: readonly MemberFields[]
  /** Members whose fields change; a change of contacts alone is counted, not listed here. */
  readonly changed: readonly MemberFields[]
  readonly newContacts: readonly ContactRow[]
  readonly changedContacts: readonly ContactRow[]
  /** Members that change, themselves or their contacts. */
  readonly touched: readonly string[]
  readonly unchanged: number
}

/** What tells whom a row is about, what it doubles and what it must not do: all that is kept of every row at once. */
export interface RowKeys {
  readonly line: number
  readonly siret: string | null
  readonly phones: readonly string[]
  readonly searchName: string
  readonly communeCode: string
  readonly trade: string
  readonly address: string | null
  readonly status: MemberStatus | null
}

export function keysOf({ line, siret, searchName, communeCode, trade, address, ...row }: MemberRow): RowKeys {
  const phones = row.contacts.map(({ phone }) => phone.e164)
  return { line, siret, searchName, communeCode, trade, address, status: row.status, phones }
}

/** The word of whoever imports on a row and a member that share a number, and neither name nor place or trade. */
export type Answer = 'same' | 'other'

/** What makes a row a question that only a person answers. */
export const QUESTION = 'import.same_phone'

/** Members that a problem names at most. */
const NAMED = 10

/**
 * Why a list does not bring a member into a state, as the code of a problem; undefined: it may. Who left, or never signed the
 * charter, joins by a request of their own; who was suspended for dues comes back by paying, or by the chamber's own hand.
 * @param wanted null: the list says nothing of it
 */
export function statusRefusal(
  member: Pick<MemberKeys, 'status' | 'isSuspendedForDues'>,
  wanted: MemberStatus | null,
): string | undefined {
  if (wanted === null || wanted === member.status) return undefined
  if (member.status === 'left') return 'import.left'
  if (wanted === 'left') return undefined
  if (member.status === 'pending') return 'import.pending'
  if (wanted === 'pending') return 'import.pending_again'
  return wanted === 'active' && member.isSuspendedForDues ? 'import.suspended_for_dues' : undefined
}

function remark(row: RowKeys, code: string, values: ImportRemark['values'] = {}): ImportRemark {
  return { line: row.line, column: null, index: null, code, value: null, values }
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

/** Things by keys, as long as none of them is taken: many of a key cost whoever asks no more than one. */
function pool<V>(items: Iterable<V>, keysOf: (item: V) => Iterable<string>) {
  // Most are alone at their key, and need no set.
  const byKey = new Map<string, V | Set<V>>()
  for (const item of items) {
    for (const key of keysOf(item)) {
      const there = byKey.get(key)
      if (there === undefined) byKey.set(key, item)
      else if (there instanceof Set) there.add(item)
      else byKey.set(key, new Set([there, item]))
    }
  }
  return {
    at(key: string): ReadonlySet<V> {
      const there = byKey.get(key)
      if (there === undefined) return new Set()
      return there instanceof Set ? there : new Set([there])
    },
    take(item: V) {
      for (const key of keysOf(item)) {
        const there = byKey.get(key)
        if (there instanceof Set) there.delete(item)
        else if (there === item) byKey.delete(key)
      }
    },
  }
}

/** Its numbers, each at its name in its commune. */
function numberKeys(of: Pick<RowKeys, 'phones' | 'searchName' | 'communeCode'>): string[] {
  return of.phones.map((phone) => `${phone} ${placeKey(of)}`)
}

/** What a member is told of when a list brings it from one state to another. Whoever is not in yet never got an alert. */
function noticeOf(from: MemberStatus, to: MemberStatus): NoticeKind | undefined {
  if (from === to || from === 'pending' || from === 'left') return undefined
  if (to === 'left') return 'leave'
  return to === 'suspended' ? 'suspend' : 'resume'
}

/**
 * Whoever left is meant only where the row says so, or where nobody else can be: a business that joined anew is the one that
 * is there.
 */
function whoIsMeant(row: RowKeys, members: readonly MemberKeys[]): readonly MemberKeys[] {
  const likely = members.filter(({ status }) => (status === 'left') === (row.status === 'left'))
  return likely.length > 0 ? likely : members
}

/** Of members that a row names alike, the one that it says most of; of equals, the first. */
function likest(row: RowKeys, members: readonly MemberKeys[]): MemberKeys | undefined {
  const likeness = (member: MemberKeys) =>
    (row.phones.length === member.phones.length && row.phones.every((phone) => member.phones.includes(phone))
      ? 2
      : 0) +
    Number(row.address === member.address) +
    Number(row.trade === member.trade) +
    Number(row.status === member.status)
  let best: MemberKeys | undefined
  let most = -1
  for (const member of members) {
    const like = likeness(member)
    if (like > most) [best, most] = [member, like]
  }
  return best
}

/** Another name, and another commune or trade (or it left): the number alone does not say that it is the same business. */
function isQuestion(row: RowKeys, owner: MemberKeys): boolean {
  if (owner.searchName === row.searchName) return false
  return owner.communeCode !== row.communeCode || owner.trade !== row.trade || owner.status === 'left'
}

/** Different SIRET: different businesses, whatever else they share. */
function distinctSirets(a: { readonly siret: string | null }, b: { readonly siret: string | null }): boolean {
  return a.siret !== null && b.siret !== null && a.siret !== b.siret
}

/**
 * Rows that say the same business twice: the same SIRET, or the same number, name and commune. Each is told from
 * its second time on.
 */
export function findDuplicates(rows: readonly RowKeys[]): Map<number, ImportRemark> {
  const found = new Map<number, ImportRemark>()
  const bySiret = new Map<string, RowKeys>()
  /** The first of each number, and the first that has no SIRET: one with another SIRET is another business. */
  const byPhone = new Map<string, RowKeys>()
  const byPhoneAlone = new Map<string, RowKeys>()
  for (const row of rows) {
    const sameSiret = row.siret === null ? undefined : bySiret.get(row.siret)
    const keys = numberKeys(row)
    const known = row.siret === null ? byPhone : byPhoneAlone
    const samePhone = keys.map((key) => known.get(key)).find((other) => other !== undefined)
    if (sameSiret !== undefined)
      found.set(row.line, remark(row, 'import.duplicate_siret', { other: sameSiret.line }))
    else if (samePhone !== undefined)
      found.set(row.line, remark(row, 'import.duplicate_phone', { other: samePhone.line }))
    if (row.siret !== null && sameSiret === undefined) bySiret.set(row.siret, row)
    for (const key of keys) {
      if (!byPhone.has(key)) byPhone.set(key, row)
      if (row.siret === null && !byPhoneAlone.has(key)) byPhoneAlone.set(key, row)
    }
  }
  return found
}

/** Whom the rows of a list are about, by their lines; no entry for a new member. */
export interface Matches {
  readonly matches: ReadonlyMap<number, MemberKeys>
  /**
   * Rows that name a member by what it was before a merge, or what was merged into it. Another row may be about the same.
   */
  readonly joined: ReadonlyMap<number, MemberKeys>
  /** Rows about members that left: they stay as they are. */
  readonly aside: ReadonlySet<number>
  /** Rows for which alerts end for a member, or come again: it is told. */
  readonly moves: readonly Move[]
  readonly problems: readonly ImportRemark[]
  readonly warnings: readonly ImportRemark[]
}

export interface Move {
  readonly line: number
  readonly memberId: string
  readonly kind: NoticeKind
  /** It gets alerts now, and would not any more. */
  readonly isLeaving: boolean
}

/** What the rows of a list do not say of whom they are about. */
export interface MatchFacts {
  readonly stored: readonly MemberKeys[]
  /** As `findDuplicates` found them. Two members that are there twice are told by two rows: that is no problem. */
  readonly duplicates: ReadonlyMap<number, ImportRemark>
  /** Whether the list may change this member; another is a problem, and not named. */
  readonly mayTouch: (member: MemberKeys) => boolean
  /** What was answered for a row that shares a number with a member; undefined: nothing yet. */
  readonly answerOf: (line: number, memberId: string) => Answer | undefined
}

/** Finds whom each row is about. */
export function matchRows(
  all: readonly RowKeys[],
  { stored, duplicates, mayTouch, answerOf }: MatchFacts,
): Matches {
  const isOnce = ({ line }: RowKeys) => duplicates.get(line) === undefined
  const isTwice = ({ line }: RowKeys) => duplicates.get(line)?.code === 'import.duplicate_phone'
  const rows = all.filter(isOnce)
  const doubles = all.filter(isTwice)
  const bySiret = new Map(
    stored.flatMap((member) => (member.siret === null ? [] : [[member.siret, member] as const])),
  )
  const byPhone = group(stored, (member) => new Set(member.phones))
  const merged = stored.filter(({ aliases }) => aliases.length > 0)
  const byOldSiret = new Map(
    merged.flatMap((member) =>
      member.aliases.flatMap(({ siret }) => (siret === null ? [] : [[siret, member] as const])),
    ),
  )
  const byOldPlace = group(merged, (member) => new Set(member.aliases.map(placeKey)))
  const matches = new Map<number, MemberKeys>()
  const joined = new Map<number, MemberKeys>()
  const aside = new Set<number>()
  const moves: Move[] = []
  const claimed = new Set<MemberKeys>()
  const orderOf = new Map(stored.map((member, n) => [member, n]))
  // Of members and rows that are not settled yet.
  const openByNumber = pool(stored, numberKeys)
  const openByPlace = pool(stored, (member) => {
    const key = `${member.status === 'left'} ${placeKey(member)}`
    return member.siret === null ? [key, `alone ${key}`] : [key]
  })
  const rowsByNumber = pool([...rows, ...doubles], numberKeys)
  const problems: ImportRemark[] = []
  const warnings: ImportRemark[] = []
  const warn = (row: RowKeys, member: MemberKeys, warning: ImportRemark | undefined) => {
    if (!mayTouch(member)) {
      problems.push(remark(row, 'import.of_another'))
      return
    }
    const values = { name: member.name, ...(member.leftAt === null ? {} : { day: member.leftAt }) }
    const refusal = joined.has(row.line) ? undefined : statusRefusal(member, row.status)
    if (refusal !== undefined) problems.push(remark(row, refusal, values))
    else if (member.status === 'left') {
      aside.add(row.line)
      if (row.status !== 'left') warnings.push(remark(row, 'import.left_aside', values))
    } else {
      if (warning !== undefined) warnings.push(warning)
      if (joined.has(row.line) || row.status === null) return
      const kind = noticeOf(member.status, row.status)
      if (kind === undefined) return
      const isLeaving = member.status === 'active'
      moves.push({ line: row.line, memberId: member.id, kind, isLeaving })
      if (kind === 'resume') warnings.push(remark(row, 'import.resumed', values))
      else if (isLeaving) warnings.push(remark(row, `import.leaving_${row.status}`, values))
    }
  }
  const claim = (row: RowKeys, member: MemberKeys, warning?: ImportRemark) => {
    matches.set(row.line, member)
    claimed.add(member)
    openByNumber.take(member)
    openByPlace.take(member)
    rowsByNumber.take(row)
    warn(row, member, warning)
  }
  const join = (row: RowKeys, member: MemberKeys) => {
    joined.set(row.line, member)
    rowsByNumber.take(row)
    warn(row, member, remark(row, 'import.merged', { name: member.name }))
  }
  /** Rows that their problem says all of. */
  const settled = new Set<number>()
  const isKnown = (row: RowKeys) => matches.has(row.line) || joined.has(row.line)
  /** Of those merged, the one that had this name in this commune. */
  const oldHomonymOf = (row: RowKeys): MemberKeys | undefined => {
    const members = (byOldPlace.get(placeKey(row)) ?? []).filter((member) => !distinctSirets(row, member))
    return members.length === 1 ? members[0] : undefined
  }
  const owners = new Map<string, readonly MemberKeys[]>()
  const ownersOf = (row: RowKeys): readonly MemberKeys[] => {
    const key = [row.status === 'left', ...row.phones].join(' ')
    const known = owners.get(key)
    if (known !== undefined) return known
    const found = whoIsMeant(row, [...new Set(row.phones.flatMap((phone) => byPhone.get(phone) ?? []))])
    owners.set(key, found)
    return found
  }
  const isOpen = (row: RowKeys, member: MemberKeys) => !claimed.has(member) && !distinctSirets(row, member)
  /** Of the same name in the same commune, with a number of the row. */
  const exactOf = (row: RowKeys): readonly MemberKeys[] => {
    const keys = numberKeys(row)
    const members = [...new Set(keys.flatMap((key) => [...openByNumber.at(key)]))]
    const order = (member: MemberKeys) => orderOf.get(member) ?? 0
    if (keys.length > 1) members.sort((a, b) => order(a) - order(b))
    return whoIsMeant(
      row,
      members.filter((member) => isOpen(row, member)),
    )
  }
  /** Whether as many rows as that, this one among them, may be about the same members. */
  const areRows = (row: RowKeys, count: number): boolean => {
    if (count <= 1) return true
    const rivals = new Set<RowKeys>()
    for (const key of numberKeys(row)) {
      for (const other of rowsByNumber.at(key)) {
        if (rivals.size >= count) return true
        rivals.add(other)
      }
    }
    return rivals.size >= count
  }
  /** Of the same name in the same commune. A member with the SIRET of the row was found by that. */
  const homonymsOf = (row: RowKeys): ReadonlySet<MemberKeys> => {
    const isLeft = row.status === 'left'
    const at = (left: boolean) =>
      openByPlace.at(`${row.siret === null ? '' : 'alone '}${left} ${placeKey(row)}`)
    const likely = at(isLeft)
    return likely.size > 0 ? likely : at(!isLeft)
  }

  // From the surest sign to the weakest, so that no row takes a member that another row is surely about.
  for (const row of rows) {
    const member = row.siret === null ? undefined : bySiret.get(row.siret)
    if (member !== undefined) claim(row, member)
  }
  for (const row of rows) {
    const member = row.siret === null || isKnown(row) ? undefined : byOldSiret.get(row.siret)
    if (member !== undefined) join(row, member)
  }
  for (const row of [...rows, ...doubles]) {
    if (isKnown(row)) continue
    const exact = exactOf(row)
    // Members that are there twice are told from each other where the list has them all.
    const member = areRows(row, exact.length) ? likest(row, exact) : undefined
    if (member !== undefined) claim(row, member)
  }
  for (const row of doubles) {
    const double = duplicates.get(row.line)
    if (!isKnown(row) && double !== undefined) problems.push(double)
  }
  for (const row of rows) {
    if (isKnown(row)) continue
    const old = oldHomonymOf(row)
    if (old !== undefined && ownersOf(row).includes(old)) join(row, old)
  }
  // What somebody answered comes before what is only likely.
  for (const row of rows) {
    if (isKnown(row)) continue
    const owners = ownersOf(row)
    const [owner] = owners
    if (owner === undefined || owners.length > 1 || distinctSirets(row, owner)) continue
    if (!isQuestion(row, owner) || answerOf(row.line, owner.id) !== 'same') continue
    if (claimed.has(owner)) {
      settled.add(row.line)
      problems.push(remark(row, 'import.same_twice', { name: owner.name }))
    } else claim(row, owner, remark(row, 'import.matched_by_phone', { name: owner.name }))
  }
  for (const row of rows) {
    if (isKnown(row) || settled.has(row.line)) continue
    const owners = ownersOf(row)
    const owner = owners.find((member) => isOpen(row, member))
    const isAsked = owner !== undefined && owners.length === 1 && isQuestion(row, owner)
    const isOther = isAsked && answerOf(row.line, owner.id) === 'other' && mayTouch(owner)
    if (isAsked && !isOther) {
      const { id, name, communeName } = owner
      problems.push(
        mayTouch(owner)
          ? remark(row, QUESTION, { name, commune: communeName, member: id })
          : remark(row, 'import.of_another'),
      )
    } else if (owner !== undefined && owners.length === 1 && !isOther) {
      const isRenamed = owner.searchName !== row.searchName
      claim(row, owner, isRenamed ? remark(row, 'import.matched_by_phone', { name: owner.name }) : undefined)
    } else if (owner !== undefined && !isOther) {
      const names = owners.slice(0, NAMED).map((one) => (mayTouch(one) ? one.name : '…'))
      if (owners.length > NAMED) names.push('…')
      problems.push(remark(row, 'import.ambiguous_phone', { members: names.join(', ') }))
    } else {
      // A number that changed: the same name in the same commune is the same business, not a second one.
      const homonyms = homonymsOf(row)
      const [homonym] = homonyms
      const old = oldHomonymOf(row)
      if (homonym === undefined) {
        if (old !== undefined) join(row, old)
        continue
      }
      if (homonyms.size > 1) problems.push(remark(row, 'import.ambiguous_name', { count: homonyms.size }))
      else claim(row, homonym, remark(row, 'import.matched_by_name', { name: homonym.name }))
    }
  }
  return { matches, joined, aside, moves, problems, warnings }
}

/** What the rows of a plan do not say themselves. */
export interface PlanFacts {
  /** All numbers that the list gives a member, where it is named on several rows. */
  readonly givenTo: ReadonlyMap<string, ReadonlySet<string>>
  /** Numbers whose last word is that they take no SMS: no list changes that. */
  readonly optedOut: ReadonlySet<string>
  readonly newId: () => string
}

/**
 * What rows without problems change, but those that are joined.
 * @param memberOf whom a row is about; undefined: a new member
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
  let unchanged = 0
  for (const row of rows) {
    const member = memberOf(row)
    if (member === undefined) {
      const id = newId()
      created.push({ ...fieldsOf(row), id, status: row.status ?? 'active' })
      row.contacts.forEach((contact, position) => {
        newContacts.push({ ...contactOf(contact, facts), id: newId(), memberId: id, position })
      })
      continue
    }
    const fields = merge(member, row)
    const contacts = mergeContacts(member, row.contacts, facts)
    if (fields !== undefined) changed.push(fields)
    newContacts.push(...contacts.added)
    changedContacts.push(...contacts.changed)
    if (fields !== undefined || contacts.added.length > 0 || contacts.changed.length > 0)
      touched.push(member.id)
    else unchanged++
  }
  return { created, changed, newContacts, changedContacts, touched, unchanged }
}

/**
 * What rows that are joined add: numbers that their member has not. After the rows of the members themselves, whose word comes
 * first.
 * @param contactsOf what a member has by then, as the list leaves it
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
  return { created: [], changed: [], newContacts, changedContacts: [], touched, unchanged }
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
  const { contacts: _contacts, ...before } = member
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
 * A number that the member has: its person and mail are refreshed, its consent is left. A number that it has not:
 * it takes the place of the contact of the same person, else of the same rank, whose number the row no longer
 * gives; without one it is added. Contacts that the row says nothing of stay, and those that came by a merge.
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
