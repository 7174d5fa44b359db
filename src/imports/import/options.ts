import type { WelcomeChannel } from '../../changes/welcome.ts'
import type { Deps } from '../../deps.ts'
import type { ListedPayments } from '../../dues/bulk/contract.ts'
import type { ImportReport } from '../../members/contract.ts'
import type { Tx } from '../../platform/db.ts'
import type { MatchFacts } from './match/match.ts'
import type { PreparedRow } from './write/prepared.ts'

export type ImportPhase = 'read' | 'check' | 'write'

export type ImportDeps = Pick<Deps, 'database' | 'db' | 'now' | 'newId' | 'jobs' | 'mailer' | 'config'>

export type Progress = (phase: ImportPhase, done: number, total: number) => void

export interface RunOptions {
  /** Only checks and counts; writes nothing. */
  readonly dryRun?: boolean
  /** Skips rows with a problem instead of refusing the whole file. */
  readonly skipBad?: boolean
  /**
   * The user's decision about a row that shares a number with members; without one the row has a problem.
   */
  readonly answerOf?: MatchFacts['answerOf']
  /** Number of members that the user agreed to remove from alerts; nothing is written if the number differs. */
  readonly leaving?: number
  /** Channel by which added members are notified why they are in the list; none by default. */
  readonly welcome?: WelcomeChannel | undefined
  /** The settings for recording the dues that the list says are paid; without them, none are recorded. */
  readonly payments?: ListedPayments | undefined
  /** Without `payments`: the year for which the check counts dues that the list gives without a year or a day; none by default. */
  readonly duesYear?: number | 'latest' | undefined
  /** The day of charters that the list says are signed, but not when (YYYY-MM-DD), or `joined` for that of joining of each row. */
  readonly charterOn?: string | undefined
  /** Reports the progress of a phase; each phase has its own units. */
  readonly onProgress?: Progress
  /** Called first in each writing transaction; throws if the source changed since it was read. */
  readonly mustHold?: (tx: Tx) => Promise<void>
  /** Called last in the writing transaction; the change is null if nothing changed. */
  readonly onApplied?: (tx: Tx, changeId: string | null, report: ImportReport) => Promise<void>
  /** Stores the checked and matched rows, for a job to write, instead of writing them. */
  readonly store?: ImportStore
}

/** The store for checked rows that a job writes later. */
export interface ImportStore {
  /** The change that the job writes, which excludes other changes of many members from now on. */
  readonly changeId: string
  /** Stores rows, in the order in which they will be written. */
  storeRows(tx: Tx, rows: readonly PreparedRow[]): Promise<void>
  /** Called after the last row, with the report; its counts of members are those of no row written. */
  finish(tx: Tx, report: ImportReport): Promise<void>
}
