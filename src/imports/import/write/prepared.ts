import type { NoticeKind } from '../../../members/notices.ts'
import type { MemberRow } from '../check/row.ts'

/** A checked row as a job stores it. */
export interface PreparedContent {
  readonly row: MemberRow
  /** All numbers that the list gives its member, where several rows name that. */
  readonly given?: readonly string[]
}

/** A checked and matched row, which needs nothing but the current state of its member to be written. */
export interface PreparedRow extends PreparedContent {
  /** Null: it becomes a new member. */
  readonly memberId: string | null
  /** Whether it identifies its member through one that was merged into it. */
  readonly isJoined: boolean
  /** Whether it is about a former member, which stays unchanged. */
  readonly isAside: boolean
  /** The notice that its member receives when the import is finished. */
  readonly notice: NoticeKind | null
  /** Whether its member receives alerts now and would not any more. */
  readonly isLeaving: boolean
}
