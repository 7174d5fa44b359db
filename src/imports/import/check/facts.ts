import { MAX_TAGS } from '../../../changes/tags/contract.ts'
import { AppError } from '../../../errors.ts'
import { MemberStatusName } from '../../../members/contract.ts'
import type { MemberScope } from '../../../members/filters.ts'
import { findSchemeRules } from '../../../members/store.ts'
import { dayIn, METROPOLITAN_ZONE } from '../../../message/clock.ts'
import type { Tx } from '../../../platform/db.ts'
import type { Trade } from '../../../schemes/trades/trades.ts'
import { listCellAnswers } from '../cells/answers.ts'
import type { CellAnswers, CellKind } from '../cells/cells.ts'
import { type CommuneFacts, readCommuneFacts, type WantedCommunes } from '../cells/communes.ts'
import { type Columns, missingColumns } from '../columns/columns.ts'

export interface RowFacts {
  readonly communes: CommuneFacts
  /** Trade codes that the scheme admits and the user may write. */
  readonly trades: readonly string[]
  /** Trades that the scheme defines itself. */
  readonly ownTrades?: readonly Trade[]
  /** Trade codes that the scheme admits but another chamber manages. */
  readonly tradesOfOthers?: readonly string[]
  /** Answers of the scheme, or of the trade chamber, for cells that the program cannot read. */
  readonly answers?: CellAnswers
  /** The tags of the scheme. */
  readonly tags?: TagNames
  /** See `latestJoiningOf`. */
  readonly latestJoining: string
  readonly today: string
  /** The day of charters that the list says are signed, but not when, as `charterOn` of an import. */
  readonly charterOn?: string
}

/** Names of tags in lower case, with those that the list adds so far. */
export interface TagNames {
  readonly known: Set<string>
  readonly most: number
}

/** Returns the last day on which a member may be said to join: a year from now; no dues are called before that day. */
export function latestJoiningOf(now: Date): string {
  const [year = '', ...rest] = dayIn(METROPOLITAN_ZONE, now).split('-')
  return [Number(year) + 1, ...rest].join('-')
}

/** Returns the days that the cells of a row are compared with. */
export function daysOf(now: Date): Pick<RowFacts, 'latestJoining' | 'today'> {
  return { latestJoining: latestJoiningOf(now), today: dayIn(METROPOLITAN_ZONE, now) }
}

/** Reads the scheme's trades and the user's, which rows are checked against. @throws AppError `unknown_scheme` */
export async function readTrades(tx: Tx, schemeId: string, only: MemberScope) {
  const scheme = await findSchemeRules(tx, schemeId)
  if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  const { true: trades = [], false: tradesOfOthers = [] } = Object.groupBy(scheme.trades, (trade) =>
    (only.trades?.includes(trade) ?? true) ? 'true' : 'false',
  )
  return { territory: scheme.territory, trades, tradesOfOthers, ownTrades: scheme.ownTrades }
}

/** Lists the columns that an upload still lacks. @throws AppError `unknown_scheme` */
export async function findMissingColumns(
  tx: Tx,
  schemeId: string,
  only: MemberScope,
  columns: Columns,
): Promise<string[]> {
  const { trades } = await readTrades(tx, schemeId, only)
  return missingColumns(columns, trades.length > 1)
}

/** Reads what a row that names these communes is checked against. @throws AppError `unknown_scheme` */
export async function readRowFacts(
  tx: Tx,
  schemeId: string,
  only: MemberScope,
  wanted: WantedCommunes,
  now: Date,
): Promise<RowFacts> {
  const trades = await readTrades(tx, schemeId, only)
  return readFacts(tx, schemeId, only, { ...trades, ...daysOf(now) }, wanted)
}

export async function readFacts(
  tx: Tx,
  schemeId: string,
  only: MemberScope,
  {
    territory,
    ...known
  }: Awaited<ReturnType<typeof readTrades>> & Pick<RowFacts, 'latestJoining' | 'today' | 'charterOn'>,
  wanted: WantedCommunes,
): Promise<RowFacts> {
  const { codes: answers } = await listCellAnswers(tx, schemeId, only)
  const codes = [...wanted.codes, ...answers.commune.values()]
  const tags = await tx
    .selectFrom('memberTags')
    .select('name')
    .where('schemeId', '=', schemeId)
    .where('removedAt', 'is', null)
    .execute()
  return {
    ...known,
    answers,
    tags: { known: new Set(tags.map(({ name }) => name.toLowerCase())), most: MAX_TAGS },
    communes: await readCommuneFacts(tx, territory, { ...wanted, codes }),
  }
}

/** Tells whether a cell may be answered by a commune, which is in the territory, a trade, which is one of the user's, or a status. */
export async function isAnswerAllowed(
  tx: Tx,
  schemeId: string,
  only: MemberScope,
  kind: CellKind,
  answer: string,
): Promise<boolean> {
  if (kind === 'status') return MemberStatusName.safeParse(answer).success
  const { trades, territory } = await readTrades(tx, schemeId, only)
  if (kind === 'trade') return trades.includes(answer)
  const { byCode } = await readCommuneFacts(tx, territory, { codes: [answer], names: [], postalCodes: [] })
  return byCode.get(answer)?.inside === true
}
