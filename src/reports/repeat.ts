import { findAuditActor } from '../audit/record.ts'
import { findRepeated } from '../audit/repeat.ts'
import { parsePhone } from '../members/rules.ts'
import type { Tx } from '../platform/db.ts'
import { searchName } from '../territory/places/spelling.ts'
import type { NewReport } from './contract.ts'
import { findReport, type ReportRow } from './store.ts'

/**
 * Finds the report that an earlier request with the same id created, so that a request whose answer was lost can be sent
 * again.
 * @param creator the actor in the format of the audit record, which alone holds the account
 * @param isSame tells whether the report has the content of this request
 * @throws AppError `id_taken` if another account created it, or with other content
 */
export function findRepeatedReport(
  tx: Tx,
  schemeId: string,
  id: string | undefined,
  { creator, isSame }: { readonly creator: string; readonly isSame: (row: ReportRow) => boolean },
): Promise<ReportRow | undefined> {
  return findRepeated(tx, schemeId, {
    id,
    creator,
    isSame,
    find: (one) => findReport(tx, schemeId, one),
    creatorOf: (row) =>
      findAuditActor(tx, schemeId, { action: 'report.create', subject: `report:${row.id}` }),
  })
}

/** Tells whether a report has the content of a request. Values that the server filled in are not compared. */
export function hasContentOf(row: ReportRow, input: NewReport): boolean {
  return (
    row.categoryCode === input.categoryCode &&
    row.communeCode === input.communeCode &&
    searchName(row.formerName ?? '') === searchName(input.formerName ?? '') &&
    (row.place ?? '') === (input.place ?? '') &&
    (row.facts ?? '') === (input.facts ?? '') &&
    row.exercise === (input.exercise ?? false) &&
    isSameInstant(row.calledAt, input.calledAt) &&
    (input.occurredAt === undefined
      ? row.occurredAt.getTime() === row.calledAt.getTime()
      : isSameInstant(row.occurredAt, input.occurredAt)) &&
    hasLateReason(row, input.lateReason) &&
    isSameCaller(row, input)
  )
}

export function isSameInstant(at: Date, given: string | undefined): boolean {
  return given === undefined || at.getTime() === Date.parse(given)
}

/** An order adds its own reason behind that of the call. */
export function hasLateReason(
  { state, lateReason }: Pick<ReportRow, 'state' | 'lateReason'>,
  given = '',
): boolean {
  const stored = lateReason ?? ''
  return state === 'broadcast' ? stored.startsWith(given) : stored === given
}

function isSameCaller(row: ReportRow, { callerPhone, callerName, callerMemberId }: NewReport): boolean {
  const phone = callerPhone ? parsePhone(callerPhone) : undefined
  const e164 = phone && 'value' in phone ? phone.value.e164 : null
  // A known number fills in the name and the member.
  const isFilledIn = e164 !== null
  return (
    row.callerPhone === e164 &&
    (callerName ? row.callerName === callerName : isFilledIn || row.callerName === null) &&
    (callerMemberId ? row.callerMemberId === callerMemberId : isFilledIn || row.callerMemberId === null)
  )
}
