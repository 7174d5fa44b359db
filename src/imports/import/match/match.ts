import type { ImportRemark } from '../../../members/contract.ts'
import type { MemberKeys } from '../../../members/keys.ts'
import type { NoticeKind } from '../../../members/notices.ts'
import type { MemberStatus } from '../../../schema.ts'
import { searchName } from '../../../territory/places/spelling.ts'
import type { Steps } from '../turns.ts'
import { createRemark, haveDistinctSirets, placeKey, type RowKeys } from './keys.ts'
import { indexMembers, type MemberIndex } from './member-index.ts'

/** The user's decision about a row that shares a number with members, and may be one of them or another business. */
export type Answer = 'same' | 'other'

/** A decision, with the member that the row is about. */
export type Decision = 'other' | { readonly same: string }

/** The problem code of a row with another name than its member, and another commune or trade. */
const SAME_PHONE = 'import.same_phone'
/** The problem code of a row with another SIRET than the member of its number: another shop, or one that moved? */
const OTHER_SHOP = 'import.other_shop'
/** The problem code of a row whose number several members have. */
const SEVERAL = 'import.ambiguous_phone'

/** The problem codes of rows that need the user's decision. */
export const QUESTIONS: readonly string[] = [SAME_PHONE, OTHER_SHOP, SEVERAL]

/** Tells whether a problem waits for the user's decision; its proposals are the members that the row may be about. */
export function isQuestion({ code, proposals = [] }: Pick<ImportRemark, 'code' | 'proposals'>): boolean {
  return QUESTIONS.includes(code) && proposals.length > 0
}

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

/**
 * Returns the notice that a member receives when a list changes its status. Pending members never received an alert and get
 * none.
 */
function noticeOfStatusChange(from: MemberStatus, to: MemberStatus): NoticeKind | undefined {
  if (from === to || from === 'pending' || from === 'left') return undefined
  if (to === 'left') return 'leave'
  return to === 'suspended' ? 'suspend' : 'resume'
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
  /** The decision about a row that shares a number with these members; undefined if there is none yet. */
  readonly answerOf: (line: number, memberIds: readonly string[]) => Decision | undefined
}

/** Finds the member of each row, in steps between which other work may run. */
export function* matchRows(rows: readonly RowKeys[], facts: MatchFacts): Steps<Matches> {
  const { duplicates, stored } = facts
  const alone = rows.filter(({ line }) => duplicates.get(line) === undefined)
  const doubles = rows.filter(({ line }) => duplicates.get(line)?.code === 'import.duplicate_phone')
  yield
  const index = yield* indexMembers(stored, [...alone, ...doubles])
  return yield* new RowMatcher({ rows: alone, doubles, index, facts }).match()
}

/** Matches the rows of a list in passes, each of which sees what the earlier ones left. */
class RowMatcher {
  readonly #facts: MatchFacts
  /** Rows that repeat no other one, and those that repeat another one's number, name and commune. */
  readonly #rows: readonly RowKeys[]
  readonly #doubles: readonly RowKeys[]
  readonly #index: MemberIndex
  readonly #matches = new Map<number, MemberKeys>()
  readonly #joined = new Map<number, MemberKeys>()
  readonly #aside = new Set<number>()
  readonly #moves: Move[] = []
  readonly #problems: ImportRemark[] = []
  readonly #warnings: ImportRemark[] = []
  /** Rows with a problem that needs no further match. */
  readonly #settled = new Set<number>()

  constructor(of: {
    readonly rows: readonly RowKeys[]
    readonly doubles: readonly RowKeys[]
    readonly index: MemberIndex
    readonly facts: MatchFacts
  }) {
    this.#facts = of.facts
    this.#rows = of.rows
    this.#doubles = of.doubles
    this.#index = of.index
  }

  /** Goes from the strongest evidence to the weakest, so that no row takes a member that another row certainly refers to. */
  *match(): Steps<Matches> {
    yield* this.#matchSirets()
    yield* this.#joinOldSirets()
    yield* this.#matchExact()
    this.#reportDoubles()
    yield* this.#joinOldNames()
    // Decisions of the user take precedence over what is only probable.
    yield* this.#matchDecided()
    for (const row of this.#rows) {
      yield
      if (!this.#isKnown(row) && !this.#settled.has(row.line)) this.#matchProbable(row)
    }
    yield* this.#remarkTwins()
    return {
      matches: this.#matches,
      joined: this.#joined,
      aside: this.#aside,
      moves: this.#moves,
      problems: this.#problems,
      warnings: this.#warnings,
    }
  }

  *#matchSirets(): Steps<void> {
    for (const row of this.#rows) {
      yield
      const member = this.#index.findBySiret(row)
      if (member !== undefined) this.#claim(row, member)
    }
  }

  *#joinOldSirets(): Steps<void> {
    for (const row of this.#rows) {
      yield
      const member = this.#isKnown(row) ? undefined : this.#index.findByOldSiret(row)
      if (member !== undefined) this.#join(row, member)
    }
  }

  *#matchExact(): Steps<void> {
    for (const row of [...this.#rows, ...this.#doubles]) {
      yield
      if (this.#isKnown(row)) continue
      const exact = this.#index.listExact(row)
      // Members entered twice are distinguished only if the list contains all of them.
      const member = this.#index.areRows(row, exact.length) ? mostSimilar(row, exact) : undefined
      if (member !== undefined) this.#claim(row, member)
    }
  }

  #reportDoubles(): void {
    for (const row of this.#doubles) {
      const double = this.#facts.duplicates.get(row.line)
      if (!this.#isKnown(row) && double !== undefined) this.#problems.push(double)
    }
  }

  *#joinOldNames(): Steps<void> {
    for (const row of this.#rows) {
      yield
      if (this.#isKnown(row)) continue
      const old = this.#index.findByOldName(row)
      if (old !== undefined && this.#index.listOwners(row).includes(old)) this.#join(row, old)
    }
  }

  *#matchDecided(): Steps<void> {
    for (const row of this.#rows) {
      yield
      if (this.#isKnown(row)) continue
      const { code, members } = this.#questionOf(row, { withClaimed: true })
      if (code === undefined) continue
      const answer = this.#facts.answerOf(
        row.line,
        members.map(({ id }) => id),
      )
      const owner = members.find(({ id }) => typeof answer === 'object' && id === answer.same)
      if (owner === undefined) continue
      if (this.#index.isClaimed(owner)) {
        this.#settled.add(row.line)
        this.#problems.push(createRemark(row, 'import.same_twice', { name: owner.name }))
      } else this.#claim(row, owner, createRemark(row, 'import.matched_by_phone', { name: owner.name }))
    }
  }

  /** Matches a row by its number, or asks the user; by its name and commune when its number is new or of another business. */
  #matchProbable(row: RowKeys): void {
    const { code, members, owner } = this.#questionOf(row)
    if (code !== undefined) {
      const ids = members.map(({ id }) => id)
      const isOther = this.#facts.answerOf(row.line, ids) === 'other' && members.every(this.#facts.mayTouch)
      if (isOther) this.#matchOther(row)
      else this.#ask(row, code, members)
    } else if (owner === undefined) this.#matchByName(row)
    else if (needsDecision(row, owner)) this.#problems.push(createRemark(row, 'import.of_another'))
    else {
      const isRenamed = owner.searchName !== row.searchName
      const warning = isRenamed
        ? createRemark(row, 'import.matched_by_phone', { name: owner.name })
        : undefined
      this.#claim(row, owner, warning)
    }
  }

  /** Tells whether a row may be about a member with its number. @param isNewSiret whether its SIRET is that of no member */
  #mayBe(row: RowKeys, owner: MemberKeys, isNewSiret: boolean): boolean {
    if (isNewSiret && !this.#facts.mayTouch(owner)) return false
    if (haveDistinctSirets(row, owner)) return isNewSiret && owner.status !== 'left'
    return row.siret === null || isNewSiret
  }

  /**
   * Returns the question about a row that shares its number with members, and these members; without a question, the one member
   * that it must be about. One with a SIRET that no member has is another business than one of another chamber.
   */
  #questionOf(
    row: RowKeys,
    { withClaimed = false } = {},
  ): {
    readonly code?: string
    readonly members: readonly MemberKeys[]
    readonly owner?: MemberKeys
  } {
    const owners = this.#index.listOwners(row)
    const isNewSiret = row.siret !== null && this.#index.findBySiret(row) === undefined
    const members: MemberKeys[] = []
    for (const owner of owners) {
      if (!withClaimed && this.#index.isClaimed(owner)) continue
      if (!this.#mayBe(row, owner, isNewSiret)) continue
      members.push(owner)
      // The number of a very large family needs no longer list.
      if (members.length > NAMED) break
    }
    const [first] = members
    if (first === undefined) return { members }
    if (members.length > 1 || owners.length > 1) return this.#questionOfSeveral(row, members)
    if (haveDistinctSirets(row, first)) return { code: OTHER_SHOP, members }
    if (!needsDecision(row, first)) return { members, owner: first }
    return this.#facts.mayTouch(first) ? { code: SAME_PHONE, members } : { members, owner: first }
  }

  #questionOfSeveral(row: RowKeys, members: readonly MemberKeys[]) {
    const [first] = members
    // A remaining member with another SIRET gives the question that it would give alone.
    const code =
      members.length === 1 && first !== undefined && haveDistinctSirets(row, first) ? OTHER_SHOP : SEVERAL
    return { code, members }
  }

  #ask(row: RowKeys, code: string, members: readonly MemberKeys[]): void {
    const [first] = members
    if (first === undefined) return
    const known = members
      .slice(0, NAMED)
      .sort((a, b) => a.name.localeCompare(b.name, 'fr', { numeric: true }))
    // A member that another chamber manages is not mentioned: the row cannot be it.
    const proposals = known.filter(this.#facts.mayTouch).map(({ id, name }) => ({ code: id, name }))
    const names = known.map((one) => (this.#facts.mayTouch(one) ? one.name : '…'))
    if (members.length > NAMED) names.push('…')
    const values =
      code === SEVERAL
        ? { members: names.join(', ') }
        : { name: first.name, commune: first.communeName, member: first.id }
    const remark = createRemark(row, code, values)
    this.#problems.push(proposals.length === known.length ? { ...remark, proposals } : remark)
  }

  /** Matches a row with a changed number: the same name in the same commune is the same business, not a second one. */
  #matchByName(row: RowKeys): void {
    const homonyms = this.#index.listHomonyms(row)
    const [homonym] = homonyms
    if (homonym === undefined) {
      const old = this.#index.findByOldName(row)
      if (old !== undefined) this.#join(row, old)
    } else if (homonyms.size > 1) {
      this.#problems.push(createRemark(row, 'import.ambiguous_name', { count: homonyms.size }))
    } else this.#claim(row, homonym, createRemark(row, 'import.matched_by_name', { name: homonym.name }))
  }

  /**
   * Matches a row that the user said is none of the members with its number. With a SIRET that no member has it is a new business;
   * otherwise its name and commune decide, among members without its number.
   */
  #matchOther(row: RowKeys): void {
    if (row.siret !== null && this.#index.findBySiret(row) === undefined) return
    const homonyms = this.#index.listHomonyms(row)
    const [homonym] = homonyms
    const isOfQuestion = homonym?.phones.some((phone) => row.phones.includes(phone)) === true
    // Several need a SIRET, also if all have the number: otherwise each import of the list would add one more.
    if (homonyms.size !== 1 || !isOfQuestion) this.#matchByName(row)
  }

  /** Remarks on each new member that an earlier row adds too, by its name and address: the two may be contacts of one business. */
  *#remarkTwins(): Steps<void> {
    const refused = new Set(this.#problems.map(({ line }) => line))
    const added = new Map<string, RowKeys>()
    for (const row of this.#rows) {
      yield
      if (row.address === null || this.#isKnown(row) || refused.has(row.line)) continue
      const place = `${placeKey(row)} ${searchName(row.address)}`
      const first = added.get(place)
      if (first === undefined) added.set(place, row)
      else if (!haveDistinctSirets(row, first))
        this.#warnings.push(createRemark(row, 'import.same_address', { other: first.line }))
    }
  }

  #isKnown({ line }: RowKeys): boolean {
    return this.#matches.has(line) || this.#joined.has(line)
  }

  #claim(row: RowKeys, member: MemberKeys, warning?: ImportRemark): void {
    this.#matches.set(row.line, member)
    this.#index.claim(member)
    this.#index.removeRow(row)
    this.#checkChange(row, member, warning)
  }

  #join(row: RowKeys, member: MemberKeys): void {
    this.#joined.set(row.line, member)
    this.#index.removeRow(row)
    this.#checkChange(row, member, createRemark(row, 'import.merged', { name: member.name }))
  }

  /** Reports what a row would change of its member and may not, or of which the user is warned. */
  #checkChange(row: RowKeys, member: MemberKeys, warning: ImportRemark | undefined): void {
    if (!this.#facts.mayTouch(member)) {
      this.#problems.push(createRemark(row, 'import.of_another'))
      return
    }
    const values = { name: member.name, ...(member.leftAt === null ? {} : { day: member.leftAt }) }
    const isJoined = this.#joined.has(row.line)
    const refusal = isJoined ? undefined : statusRefusal(member, row.status)
    if (refusal !== undefined) this.#problems.push(createRemark(row, refusal, values))
    else if (member.status === 'left') {
      this.#aside.add(row.line)
      if (row.status !== 'left') this.#warnings.push(createRemark(row, 'import.left_aside', values))
    } else {
      if (warning !== undefined) this.#warnings.push(warning)
      if (!isJoined) this.#recordMove(row, member, values)
    }
  }

  /** Records that a row ends or resumes the alerts of its member. */
  #recordMove(row: RowKeys, member: MemberKeys, values: ImportRemark['values']): void {
    if (row.status === null) return
    const kind = noticeOfStatusChange(member.status, row.status)
    if (kind === undefined) return
    const isLeaving = member.status === 'active'
    this.#moves.push({ line: row.line, memberId: member.id, kind, isLeaving })
    if (kind === 'resume') this.#warnings.push(createRemark(row, 'import.resumed', values))
    else if (isLeaving) this.#warnings.push(createRemark(row, `import.leaving_${row.status}`, values))
  }
}
