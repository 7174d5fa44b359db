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
  /** Members whose fields change; a change of contacts only is counted but not listed here. */
  readonly changed: readonly MemberFields[]
  readonly newContacts: readonly ContactRow[]
  readonly changedContacts: readonly ContactRow[]
  /** Members that change, in their fields or contacts. */
  readonly touched: readonly string[]
  readonly unchanged: number
}

/** The data that identifies the member of a row, its duplicates and its conflicts: all that is kept of every row at once. */
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

/** The user's decision about a row and a member that share a number but differ in name and in place or trade. */
export type Answer = 'same' | 'other'

/** The problem code of a row that needs the user's decision. */
export const QUESTION = 'import.same_phone'

/** Maximum number of members named in a problem. */
const NAMED = 10

/**
 * Returns why a list may not change a member's status, as a problem code; undefined if it may. A business that left, or never
 * signed the charter, joins by its own request; one suspended for dues is reactivated by paying, or by the chamber directly.
 * @param wanted null if the list gives no status
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

function createRemark(row: RowKeys, code: string, values: ImportRemark['values'] = {}): ImportRemark {
  return { line: row.line, column: null, index: null, code, value: null, values }
}

function placeKey(row: { readonly searchName: string; readonly communeCode: string }): string {
  return `${row.communeCode} ${row.searchName}`
}

function groupByKeys<K, V>(items: Iterable<V>, keysOf: (item: V) => Iterable<K>): Map<K, V[]> {
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

/** Indexes items by keys, with removal. Finding the items that remain at a key takes constant time even if it has many. */
function createPool<V>(items: Iterable<V>, keysOf: (item: V) => Iterable<string>) {
  // Most keys have one item and need no set.
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

/** Returns its numbers, each combined with its name and commune. */
function numberKeys(of: Pick<RowKeys, 'phones' | 'searchName' | 'communeCode'>): string[] {
  return of.phones.map((phone) => `${phone} ${placeKey(of)}`)
}

/**
 * Returns the notice that a member receives when a list changes its status. Pending members never received an alert and get
 * none.
 */
function noticeOfStatusChange(from: MemberStatus, to: MemberStatus): NoticeKind | undefined {
  if (from === to || from === 'pending' || from === 'left') return undefined
  if (to === 'left') return 'leave'
  return to === 'suspended' ? 'suspend' : 'resume'
}

/**
 * Keeps former members only if the row says so or there is no other candidate: a business that joined again is the current
 * member.
 */
function preferCurrentMembers(row: RowKeys, members: readonly MemberKeys[]): readonly MemberKeys[] {
  const likely = members.filter(({ status }) => (status === 'left') === (row.status === 'left'))
  return likely.length > 0 ? likely : members
}

/** Chooses, among equally identified members, the one with most in common with the row; of equals, the first. */
function mostSimilar(row: RowKeys, members: readonly MemberKeys[]): MemberKeys | undefined {
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

/**
 * Tells whether a user must decide: another name, and another commune or trade (or the member left), so the number alone does
 * not identify the business.
 */
function needsDecision(row: RowKeys, owner: MemberKeys): boolean {
  if (owner.searchName === row.searchName) return false
  return owner.communeCode !== row.communeCode || owner.trade !== row.trade || owner.status === 'left'
}

/** Different SIRETs are different businesses, whatever else they share. */
function haveDistinctSirets(
  a: { readonly siret: string | null },
  b: { readonly siret: string | null },
): boolean {
  return a.siret !== null && b.siret !== null && a.siret !== b.siret
}

/**
 * Finds rows that repeat a business: the same SIRET, or the same number, name and commune. Each is reported from its second
 * occurrence.
 */
export function findDuplicates(rows: readonly RowKeys[]): Map<number, ImportRemark> {
  const found = new Map<number, ImportRemark>()
  const bySiret = new Map<string, RowKeys>()
  /** The first row of each number, and the first without SIRET: one with another SIRET is another business. */
  const byPhone = new Map<string, RowKeys>()
  const byPhoneAlone = new Map<string, RowKeys>()
  for (const row of rows) {
    const sameSiret = row.siret === null ? undefined : bySiret.get(row.siret)
    const keys = numberKeys(row)
    const known = row.siret === null ? byPhone : byPhoneAlone
    const samePhone = keys.map((key) => known.get(key)).find((other) => other !== undefined)
    if (sameSiret !== undefined)
      found.set(row.line, createRemark(row, 'import.duplicate_siret', { other: sameSiret.line }))
    else if (samePhone !== undefined)
      found.set(row.line, createRemark(row, 'import.duplicate_phone', { other: samePhone.line }))
    if (row.siret !== null && sameSiret === undefined) bySiret.set(row.siret, row)
    for (const key of keys) {
      if (!byPhone.has(key)) byPhone.set(key, row)
      if (row.siret === null && !byPhoneAlone.has(key)) byPhoneAlone.set(key, row)
    }
  }
  return found
}

/** The member of each row, by line; no entry for a new member. */
export interface Matches {
  readonly matches: ReadonlyMap<number, MemberKeys>
  /**
   * Rows that identify a member through its former data or one that was merged into it. Another row may refer to the same
   * member.
   */
  readonly joined: ReadonlyMap<number, MemberKeys>
  /** Rows about former members, which stay unchanged. */
  readonly aside: ReadonlySet<number>
  /** Rows that end or resume a member's alerts, of which it is notified. */
  readonly moves: readonly Move[]
  readonly problems: readonly ImportRemark[]
  readonly warnings: readonly ImportRemark[]
}

export interface Move {
  readonly line: number
  readonly memberId: string
  readonly kind: NoticeKind
  /** Whether it receives alerts now and would not any more. */
  readonly isLeaving: boolean
}

/** The data for matching that is not in the rows. */
export interface MatchFacts {
  readonly stored: readonly MemberKeys[]
  /**
   * The result of `findDuplicates`. If a member is in the list of members twice, two rows may refer to the two: that is no
   * problem.
   */
  readonly duplicates: ReadonlyMap<number, ImportRemark>
  /** Whether the list may change this member; otherwise it is a problem that does not name the member. */
  readonly mayTouch: (member: MemberKeys) => boolean
  /** The decision about a row that shares a number with a member; undefined if there is none yet. */
  readonly answerOf: (line: number, memberId: string) => Answer | undefined
}

/** Finds the member of each row. */
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
  const byPhone = groupByKeys(stored, (member) => new Set(member.phones))
  const merged = stored.filter(({ aliases }) => aliases.length > 0)
  const byOldSiret = new Map(
    merged.flatMap((member) =>
      member.aliases.flatMap(({ siret }) => (siret === null ? [] : [[siret, member] as const])),
    ),
  )
  const byOldPlace = groupByKeys(merged, (member) => new Set(member.aliases.map(placeKey)))
  const matches = new Map<number, MemberKeys>()
  const joined = new Map<number, MemberKeys>()
  const aside = new Set<number>()
  const moves: Move[] = []
  const claimed = new Set<MemberKeys>()
  const orderOf = new Map(stored.map((member, n) => [member, n]))
  // Indexes of members and rows that are not matched yet.
  const openByNumber = createPool(stored, numberKeys)
  const openByPlace = createPool(stored, (member) => {
    const key = `${member.status === 'left'} ${placeKey(member)}`
    return member.siret === null ? [key, `alone ${key}`] : [key]
  })
  const rowsByNumber = createPool([...rows, ...doubles], numberKeys)
  const problems: ImportRemark[] = []
  const warnings: ImportRemark[] = []
  const warn = (row: RowKeys, member: MemberKeys, warning: ImportRemark | undefined) => {
    if (!mayTouch(member)) {
      problems.push(createRemark(row, 'import.of_another'))
      return
    }
    const values = { name: member.name, ...(member.leftAt === null ? {} : { day: member.leftAt }) }
    const refusal = joined.has(row.line) ? undefined : statusRefusal(member, row.status)
    if (refusal !== undefined) problems.push(createRemark(row, refusal, values))
    else if (member.status === 'left') {
      aside.add(row.line)
      if (row.status !== 'left') warnings.push(createRemark(row, 'import.left_aside', values))
    } else {
      if (warning !== undefined) warnings.push(warning)
      if (joined.has(row.line) || row.status === null) return
      const kind = noticeOfStatusChange(member.status, row.status)
      if (kind === undefined) return
      const isLeaving = member.status === 'active'
      moves.push({ line: row.line, memberId: member.id, kind, isLeaving })
      if (kind === 'resume') warnings.push(createRemark(row, 'import.resumed', values))
      else if (isLeaving) warnings.push(createRemark(row, `import.leaving_${row.status}`, values))
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
    warn(row, member, createRemark(row, 'import.merged', { name: member.name }))
  }
  /** Rows with a problem that needs no further match. */
  const settled = new Set<number>()
  const isKnown = (row: RowKeys) => matches.has(row.line) || joined.has(row.line)
  /** Finds the merged member that had this name in this commune. */
  const oldHomonymOf = (row: RowKeys): MemberKeys | undefined => {
    const members = (byOldPlace.get(placeKey(row)) ?? []).filter((member) => !haveDistinctSirets(row, member))
    return members.length === 1 ? members[0] : undefined
  }
  const owners = new Map<string, readonly MemberKeys[]>()
  const ownersOf = (row: RowKeys): readonly MemberKeys[] => {
    const key = [row.status === 'left', ...row.phones].join(' ')
    const known = owners.get(key)
    if (known !== undefined) return known
    const found = preferCurrentMembers(row, [
      ...new Set(row.phones.flatMap((phone) => byPhone.get(phone) ?? [])),
    ])
    owners.set(key, found)
    return found
  }
  /** Tells whether the SIRET of a row is that of another stored member, which would then be in two places. */
  const hasSiretOfAnother = (row: RowKeys, member: MemberKeys): boolean => {
    const holder = row.siret === null ? undefined : bySiret.get(row.siret)
    return holder !== undefined && holder !== member
  }
  const isOpen = (row: RowKeys, member: MemberKeys) =>
    !claimed.has(member) && !haveDistinctSirets(row, member) && !hasSiretOfAnother(row, member)
  /** Finds members with the same name and commune and one of the row's numbers. */
  const exactOf = (row: RowKeys): readonly MemberKeys[] => {
    const keys = numberKeys(row)
    const members = [...new Set(keys.flatMap((key) => [...openByNumber.at(key)]))]
    const order = (member: MemberKeys) => orderOf.get(member) ?? 0
    if (keys.length > 1) members.sort((a, b) => order(a) - order(b))
    return preferCurrentMembers(
      row,
      members.filter((member) => isOpen(row, member)),
    )
  }
  /** Tells whether that many rows, including this one, may refer to the same members. */
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
  /** Finds members with the same name and commune. A member with the row's SIRET was matched by it before. */
  const homonymsOf = (row: RowKeys): ReadonlySet<MemberKeys> => {
    const isLeft = row.status === 'left'
    const at = (left: boolean) =>
      openByPlace.at(`${row.siret === null ? '' : 'alone '}${left} ${placeKey(row)}`)
    const likely = at(isLeft)
    return likely.size > 0 ? likely : at(!isLeft)
  }

  // From the strongest evidence to the weakest, so that no row takes a member that another row certainly refers to.
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
    // Members entered twice are told apart only if the list has all of them.
    const member = areRows(row, exact.length) ? mostSimilar(row, exact) : undefined
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
  // Decisions of the user take precedence over what is only probable.
  for (const row of rows) {
    if (isKnown(row)) continue
    const owners = ownersOf(row)
    const [owner] = owners
    if (owner === undefined || owners.length > 1 || haveDistinctSirets(row, owner)) continue
    if (!needsDecision(row, owner) || answerOf(row.line, owner.id) !== 'same') continue
    if (claimed.has(owner)) {
      settled.add(row.line)
      problems.push(createRemark(row, 'import.same_twice', { name: owner.name }))
    } else claim(row, owner, createRemark(row, 'import.matched_by_phone', { name: owner.name }))
  }
  for (const row of rows) {
    if (isKnown(row) || settled.has(row.line)) continue
    const owners = ownersOf(row)
    const owner = owners.find((member) => isOpen(row, member))
    const isAsked = owner !== undefined && owners.length === 1 && needsDecision(row, owner)
    const isOther = isAsked && answerOf(row.line, owner.id) === 'other' && mayTouch(owner)
    if (isAsked && !isOther) {
      const { id, name, communeName } = owner
      problems.push(
        mayTouch(owner)
          ? createRemark(row, QUESTION, { name, commune: communeName, member: id })
          : createRemark(row, 'import.of_another'),
      )
    } else if (owner !== undefined && owners.length === 1 && !isOther) {
      const isRenamed = owner.searchName !== row.searchName
      claim(
        row,
        owner,
        isRenamed ? createRemark(row, 'import.matched_by_phone', { name: owner.name }) : undefined,
      )
    } else if (owner !== undefined && !isOther) {
      const names = owners.slice(0, NAMED).map((one) => (mayTouch(one) ? one.name : '…'))
      if (owners.length > NAMED) names.push('…')
      problems.push(createRemark(row, 'import.ambiguous_phone', { members: names.join(', ') }))
    } else {
      // A changed number: the same name in the same commune is the same business, not a second one.
      const homonyms = homonymsOf(row)
      const [homonym] = homonyms
      const old = oldHomonymOf(row)
      if (homonym === undefined) {
        if (old !== undefined) join(row, old)
        continue
      }
      if (homonyms.size > 1)
        problems.push(createRemark(row, 'import.ambiguous_name', { count: homonyms.size }))
      else claim(row, homonym, createRemark(row, 'import.matched_by_name', { name: homonym.name }))
    }
  }
  return { matches, joined, aside, moves, problems, warnings }
}

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
    const fields = mergeFields(member, row)
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

/** Returns the member updated by the row; undefined if nothing changes. An empty cell erases nothing. */
function mergeFields(member: StoredMember, row: MemberRow): MemberFields | undefined {
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
