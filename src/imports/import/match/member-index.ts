import type { MemberKeys } from '../../../members/keys.ts'
import type { Steps } from '../turns.ts'
import { haveDistinctSirets, numberKeys, placeKey, type RowKeys } from './keys.ts'

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

/** Items by keys, with removal. */
interface Pool<V> {
  at(key: string): ReadonlySet<V>
  take(item: V): void
}

/** Indexes items by keys, with removal. Finding the items that remain at a key takes constant time even if it has many. */
function createPool<V>(items: Iterable<V>, keysOf: (item: V) => Iterable<string>): Pool<V> {
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

/**
 * Keeps former members only if the row says so or there is no other candidate: a business that joined again is the current
 * member.
 */
function preferCurrentMembers(row: RowKeys, members: readonly MemberKeys[]): readonly MemberKeys[] {
  const likely = members.filter(({ status }) => (status === 'left') === (row.status === 'left'))
  return likely.length > 0 ? likely : members
}

/** The members and rows of an import by what identifies them. */
interface Indexed {
  readonly bySiret: ReadonlyMap<string, MemberKeys>
  readonly byPhone: ReadonlyMap<string, readonly MemberKeys[]>
  /** Members by the SIRET, and by the name and commune, that they had before a merge. */
  readonly byOldSiret: ReadonlyMap<string, MemberKeys>
  readonly byOldPlace: ReadonlyMap<string, readonly MemberKeys[]>
  readonly orderOf: ReadonlyMap<MemberKeys, number>
  /** Members and rows that are not matched yet. */
  readonly openByNumber: Pool<MemberKeys>
  readonly openByPlace: Pool<MemberKeys>
  readonly rowsByNumber: Pool<RowKeys>
}

/** Indexes members and rows, in steps between which other work may run. */
export function* indexMembers(stored: readonly MemberKeys[], rows: readonly RowKeys[]): Steps<MemberIndex> {
  const merged = stored.filter(({ aliases }) => aliases.length > 0)
  const bySiret = new Map(
    stored.flatMap((member) => (member.siret === null ? [] : [[member.siret, member] as const])),
  )
  yield
  const byPhone = groupByKeys(stored, (member) => new Set(member.phones))
  yield
  const byOldSiret = new Map(
    merged.flatMap((member) =>
      member.aliases.flatMap(({ siret }) => (siret === null ? [] : [[siret, member] as const])),
    ),
  )
  const byOldPlace = groupByKeys(merged, (member) => new Set(member.aliases.map(placeKey)))
  const orderOf = new Map(stored.map((member, n) => [member, n]))
  yield
  const openByNumber = createPool(stored, numberKeys)
  yield
  const openByPlace = createPool(stored, (member) => {
    const key = `${member.status === 'left'} ${placeKey(member)}`
    return member.siret === null ? [key, `alone ${key}`] : [key]
  })
  yield
  const rowsByNumber = createPool(rows, numberKeys)
  return new MemberIndex({
    ...{ bySiret, byPhone, byOldSiret, byOldPlace, orderOf },
    ...{ openByNumber, openByPlace, rowsByNumber },
  })
}

/** Finds the members that a row may refer to, and keeps which members and rows have no match yet. */
export class MemberIndex {
  readonly #bySiret: ReadonlyMap<string, MemberKeys>
  readonly #byPhone: ReadonlyMap<string, readonly MemberKeys[]>
  /** Members by the SIRET, and by the name and commune, that they had before a merge. */
  readonly #byOldSiret: ReadonlyMap<string, MemberKeys>
  readonly #byOldPlace: ReadonlyMap<string, readonly MemberKeys[]>
  readonly #orderOf: ReadonlyMap<MemberKeys, number>
  readonly #owners = new Map<string, readonly MemberKeys[]>()
  readonly #claimed = new Set<MemberKeys>()
  /** Members and rows that are not matched yet. */
  readonly #openByNumber: Pool<MemberKeys>
  readonly #openByPlace: Pool<MemberKeys>
  readonly #rowsByNumber: Pool<RowKeys>

  constructor(of: Indexed) {
    this.#bySiret = of.bySiret
    this.#byPhone = of.byPhone
    this.#byOldSiret = of.byOldSiret
    this.#byOldPlace = of.byOldPlace
    this.#orderOf = of.orderOf
    this.#openByNumber = of.openByNumber
    this.#openByPlace = of.openByPlace
    this.#rowsByNumber = of.rowsByNumber
  }

  /** Removes a member that is the match of a row: no other row may claim it. */
  claim(member: MemberKeys): void {
    this.#claimed.add(member)
    this.#openByNumber.take(member)
    this.#openByPlace.take(member)
  }

  isClaimed(member: MemberKeys): boolean {
    return this.#claimed.has(member)
  }

  /** Removes a row that has its match. */
  removeRow(row: RowKeys): void {
    this.#rowsByNumber.take(row)
  }

  findBySiret({ siret }: RowKeys): MemberKeys | undefined {
    return siret === null ? undefined : this.#bySiret.get(siret)
  }

  /** Finds the member into which the one with this SIRET was merged. */
  findByOldSiret({ siret }: RowKeys): MemberKeys | undefined {
    return siret === null ? undefined : this.#byOldSiret.get(siret)
  }

  /** Finds the merged member that had this name in this commune. */
  findByOldName(row: RowKeys): MemberKeys | undefined {
    const members = (this.#byOldPlace.get(placeKey(row)) ?? []).filter(
      (member) => !haveDistinctSirets(row, member),
    )
    return members.length === 1 ? members[0] : undefined
  }

  /** Lists the members that have one of the row's numbers. */
  listOwners(row: RowKeys): readonly MemberKeys[] {
    const key = [row.status === 'left', ...row.phones].join(' ')
    const known = this.#owners.get(key)
    if (known !== undefined) return known
    const found = preferCurrentMembers(row, [
      ...new Set(row.phones.flatMap((phone) => this.#byPhone.get(phone) ?? [])),
    ])
    this.#owners.set(key, found)
    return found
  }

  /** Lists the open members with the same name and commune and one of the row's numbers. */
  listExact(row: RowKeys): readonly MemberKeys[] {
    const keys = numberKeys(row)
    const members = [...new Set(keys.flatMap((key) => [...this.#openByNumber.at(key)]))]
    const order = (member: MemberKeys) => this.#orderOf.get(member) ?? 0
    if (keys.length > 1) members.sort((a, b) => order(a) - order(b))
    return preferCurrentMembers(
      row,
      members.filter((member) => this.isOpen(row, member)),
    )
  }

  /** Lists the open members with the same name and commune. A member with the row's SIRET was matched by it before. */
  listHomonyms(row: RowKeys): ReadonlySet<MemberKeys> {
    const isLeft = row.status === 'left'
    const at = (left: boolean) =>
      this.#openByPlace.at(`${row.siret === null ? '' : 'alone '}${left} ${placeKey(row)}`)
    const likely = at(isLeft)
    return likely.size > 0 ? likely : at(!isLeft)
  }

  /** Returns whether a row may still claim a member: another SIRET is another business, or would be in two places. */
  isOpen(row: RowKeys, member: MemberKeys): boolean {
    if (this.#claimed.has(member) || haveDistinctSirets(row, member)) return false
    const holder = this.findBySiret(row)
    return holder === undefined || holder === member
  }

  /** Returns whether that many rows without a match, including this one, may refer to the same members. */
  areRows(row: RowKeys, count: number): boolean {
    if (count <= 1) return true
    const rivals = new Set<RowKeys>()
    for (const key of numberKeys(row)) {
      for (const other of this.#rowsByNumber.at(key)) {
        if (rivals.size >= count) return true
        rivals.add(other)
      }
    }
    return rivals.size >= count
  }
}
