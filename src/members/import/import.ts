import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import type { ImportRemark, ImportReport } from '../contract.ts'
import { communeKey, indexCommunes, inseeCodeOf, postalCodeOf } from '../rules.ts'
import {
  chunks,
  findSchemeRules,
  insertContacts,
  insertMembers,
  listCandidates,
  listKnownCommunes,
  lockMemberList,
  refreshStatistics,
  updateContacts,
  updateMembers,
} from '../store.ts'
import { type BusinessField, type Columns, recognizeColumns } from './columns.ts'
import { findDuplicates, type ImportPlan, planImport } from './plan.ts'
import { readTable, type Table } from './read.ts'
import { checkRow, type MemberRow } from './rows.ts'

/** Problems and warnings listed at most; the report still counts them all. */
export const MAX_LISTED = 10_000
/** Rows checked before others get their turn. */
const TURN = 500

export type ImportPhase = 'read' | 'check' | 'write'

export interface ImportOptions {
  /** Checks and counts; writes nothing. */
  readonly dryRun?: boolean
  /** Leaves out the rows with a problem instead of refusing the whole file. */
  readonly skipBad?: boolean
  /** How far a phase is; the units are its own. */
  readonly onProgress?: (phase: ImportPhase, done: number, total: number) => void
  /** As the person knows it, for the error of a file that cannot be read. */
  readonly fileName?: string
}

/**
 * Imports the members of a scheme from a CSV file. All rows or none, unless `skipBad`. A row that names a member
 * (by SIRET, else by a number that is its own, else by the same name in the same commune) updates it, and an empty
 * cell erases nothing; the others are new members. Written in one transaction, with the audit entry (counts and
 * SHA-256 of the file).
 * @returns the report; rows that are wrong are in it, they are no exception.
 * @throws AppError `invalid_file` (not a list, or columns missing), `file_too_large`, `unknown_scheme`, `forbidden`.
 */
export async function importMembers(
  deps: Pick<Deps, 'db' | 'now' | 'newId'>,
  actor: Actor,
  schemeId: string,
  bytes: Uint8Array,
  options: ImportOptions = {},
): Promise<ImportReport> {
  authorize(actor, 'member.import', schemeId)
  const progress = options.onProgress ?? (() => {})
  const fileName = options.fileName ?? 'CSV'
  const table = await readTable(bytes, fileName, (done, total) => progress('read', done, total))

  // Not in the transaction that writes: the embedded database has one connection, and the rows take their time.
  const { scheme, columns, communes } = await inScheme(deps.db, schemeId, async (tx) => {
    const scheme = await findSchemeRules(tx, schemeId)
    if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
    const columns = recognizeColumns(table.header, scheme.trades.length > 1, fileName)
    const known = await listKnownCommunes(tx, scheme.territory, wantedCommunes(table, columns))
    return { scheme, columns, communes: indexCommunes(known) }
  })

  const rows: MemberRow[] = []
  const problems = new Remarks()
  const warnings = new Remarks()
  for (const column of columns.unknown) {
    const name = columns.headers[column] ?? ''
    warnings.add([
      { line: table.header.line, column: name, code: 'import.unknown_column', value: null, values: { name } },
    ])
  }
  for (const [i, one] of table.rows.entries()) {
    const result = checkRow(one, columns, { communes, trades: scheme.trades })
    problems.add(result.problems)
    warnings.add(result.warnings)
    if (result.row !== undefined) rows.push(result.row)
    if ((i + 1) % TURN === 0 || i + 1 === table.rows.length) {
      progress('check', i + 1, table.rows.length)
      await setImmediate()
    }
  }
  const duplicates = findDuplicates(rows)
  problems.add([...duplicates.values()])
  const distinct = rows.filter((row) => !duplicates.has(row))

  return inScheme(deps.db, schemeId, async (tx) => {
    await lockMemberList(tx, schemeId)
    const stored = await listCandidates(tx, schemeId, {
      sirets: distinct.flatMap((row) => row.siret ?? []),
      phones: distinct.flatMap((row) => row.contacts.map((contact) => contact.phone.e164)),
      places: distinct,
    })
    const plan = planImport(distinct, stored, deps.newId)
    problems.add(plan.problems)
    warnings.add(plan.warnings)

    const refused = problems.lines.size > 0 && options.skipBad !== true
    const outcome = options.dryRun === true ? 'checked' : refused ? 'refused' : 'applied'
    const told = outcome !== 'refused'
    const report: ImportReport = {
      outcome,
      rows: table.rows.length,
      created: told ? plan.created.length : 0,
      updated: told ? plan.updated : 0,
      unchanged: told ? plan.unchanged : 0,
      skipped: problems.lines.size,
      problems: problems.listed(),
      problemCount: problems.count,
      warnings: warnings.listed(),
      warningCount: warnings.count,
    }
    if (outcome !== 'applied') return report
    await write(tx, schemeId, plan, deps.now(), (done, total) => progress('write', done, total))
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: 'member.import',
      subject: `file:${sha256}`,
      details: {
        sha256,
        rows: report.rows,
        created: report.created,
        updated: report.updated,
        unchanged: report.unchanged,
        skipped: report.skipped,
      },
    })
    return report
  })
}

/** Remarks in a bounded list, counted in full, with the lines they are about. */
class Remarks {
  readonly lines = new Set<number>()
  count = 0
  readonly #kept: ImportRemark[] = []

  add(remarks: readonly ImportRemark[]): void {
    for (const remark of remarks) {
      this.lines.add(remark.line)
      this.count++
      if (this.#kept.length < MAX_LISTED) this.#kept.push(remark)
    }
  }

  listed(): ImportRemark[] {
    return this.#kept.toSorted((a, b) => a.line - b.line)
  }
}

/** Every commune that some row may mean. */
function wantedCommunes(table: Table, columns: Columns) {
  const distinct = (field: BusinessField, read: (text: string) => string | undefined) => {
    const column = columns.business[field]
    if (column === undefined) return []
    const found = new Set(table.rows.map((row) => read((row.cells[column] ?? '').trim())))
    return [...found].filter((one) => one !== undefined && one !== '') as string[]
  }
  return {
    codes: distinct('insee', inseeCodeOf),
    names: distinct('commune', communeKey),
    postalCodes: distinct('postalCode', postalCodeOf),
  }
}

async function write(
  tx: Tx,
  schemeId: string,
  plan: ImportPlan,
  at: Date,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  const total =
    plan.created.length + plan.changed.length + plan.newContacts.length + plan.changedContacts.length
  let done = 0
  const step = <T>(part: readonly T[]) => {
    done += part.length
    onProgress(done, total)
  }
  // Contacts after their members.
  for (const part of chunks(plan.changed)) {
    await updateMembers(tx, schemeId, part, at)
    step(part)
  }
  for (const part of chunks(plan.created)) {
    await insertMembers(tx, schemeId, part, at)
    step(part)
  }
  await refreshStatistics(tx, plan.created.length)
  for (const part of chunks(plan.changedContacts)) {
    await updateContacts(tx, schemeId, part)
    step(part)
  }
  for (const part of chunks(plan.newContacts)) {
    await insertContacts(tx, schemeId, part)
    step(part)
  }
  await refreshStatistics(tx, done)
}
