import { findAuditActor, recordAudit } from '../../audit/record.ts'
import { findRepeated } from '../../audit/repeat.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem, refusalOf } from '../../errors.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme } from '../../platform/db.ts'
import { searchName } from '../../territory/places/spelling.ts'
import { codeFromName } from '../codes.ts'
import { normalizeName } from '../sectors/rules.ts'
import type { AgencyRow } from '../store.ts'
import { type AgencyChange, MAX_AGENCIES, type NewAgency } from './contract.ts'
import { insertAgency, lockAgencies, updateAgencyName } from './store.ts'

type WriteDeps = Pick<Deps, 'db' | 'now' | 'newId' | 'live'>

/**
 * Adds an agency, without people and with the whole territory as its zone. The same request with the same id again returns the
 * agency that it created.
 * @throws AppError `invalid_input` with every problem: `agency.chamber`, `agency.name_empty`, `agency.name_taken`, `agency.too_many`; `id_taken`
 */
export async function createAgency(
  deps: WriteDeps,
  actor: Actor,
  schemeId: string,
  input: NewAgency,
): Promise<AgencyRow> {
  authorize(actor, 'zone.manage', schemeId)
  const agency = await inScheme(deps.db, schemeId, async (tx) => {
    const agencies = await lockAgencies(tx, schemeId)
    const name = normalizeName(input.name)
    const { kind } = input
    const repeated = await findRepeated(tx, schemeId, {
      id: input.id,
      creator: actorName(actor),
      find: async (id) => agencies.find((one) => one.id === id),
      isSame: (row) => row.name === name && row.kind === kind,
      creatorOf: ({ id }) =>
        findAuditActor(tx, schemeId, { action: 'agency.create', subject: `agency:${id}` }),
    })
    if (repeated !== undefined) return repeated
    const problems = [...chamberProblems(kind, 'kind'), ...nameProblems(name, agencies)]
    if (agencies.length >= MAX_AGENCIES)
      problems.push({ code: 'agency.too_many', values: { limit: MAX_AGENCIES } })
    if (problems.length > 0) throw refusalOf(problems)
    const id = input.id ?? deps.newId()
    const code = codeFromName(name, {
      empty: 'service',
      isTaken: (one) => agencies.some((of) => of.code === one),
    })
    await insertAgency(tx, schemeId, { id, code, name, kind })
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: 'agency.create',
      subject: `agency:${id}`,
      details: { name, kind },
    })
    return { id, code, name, kind, zone: null }
  })
  deps.live.publish({ type: 'scheme', schemeId })
  return agency
}

/**
 * Renames an agency. Its code stays: accounts, organisations and past alerts keep to it.
 * @throws AppError `not_found`, `settings_changed` when it has another name by now, or as `createAgency`
 */
export async function renameAgency(
  deps: WriteDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  change: AgencyChange,
): Promise<AgencyRow> {
  authorize(actor, 'zone.manage', schemeId)
  const agency = await inScheme(deps.db, schemeId, async (tx) => {
    const agencies = await lockAgencies(tx, schemeId)
    const before = agencies.find((one) => one.id === id)
    if (before === undefined) throw new AppError('not_found')
    const name = normalizeName(change.name)
    // The same request again, after its answer was lost.
    if (before.name === name) return before
    if (before.name !== change.was) throw new AppError('settings_changed')
    const others = agencies.filter((one) => one !== before)
    const problems = [...chamberProblems(before.kind, 'name'), ...nameProblems(name, others)]
    if (problems.length > 0) throw refusalOf(problems)
    await updateAgencyName(tx, schemeId, id, name)
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: 'agency.rename',
      subject: `agency:${id}`,
      details: { before: before.name, name },
    })
    return { ...before, name }
  })
  deps.live.publish({ type: 'scheme', schemeId })
  return agency
}

/** The name of the chamber is part of messages to members, which one person alone does not change. */
function chamberProblems(kind: AgencyRow['kind'], path: string): Problem[] {
  return kind === 'chamber' ? [{ code: 'agency.chamber', path }] : []
}

/** Returns what is wrong with the name of an agency: it has no letter, or another one has it. */
export function nameProblems(name: string, others: readonly AgencyRow[], path = 'name'): Problem[] {
  if (searchName(name) === '') return [{ code: 'agency.name_empty', path }]
  const same = others.find((other) => searchName(other.name) === searchName(name))
  return same === undefined ? [] : [{ code: 'agency.name_taken', path, values: { name: same.name } }]
}
