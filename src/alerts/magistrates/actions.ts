import type { AuditAction } from '../../audit/list.ts'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem, refusalOf } from '../../errors.ts'
import { destinationOf } from '../../identity/destinations.ts'
import { parseMail, parsePhone } from '../../members/rules.ts'
import { type Actor, actorName, authorize, may } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import {
  MAX_MAGISTRATES,
  type MagistrateChange,
  type MagistrateList,
  type NewMagistrate,
} from './contract.ts'
import { listMagistrateRows } from './store.ts'

type WriteDeps = Pick<Deps, 'db' | 'now' | 'newId'>

/**
 * Lists the magistrates whose authorisation may be recorded. Where they are notified is shown only to the users who manage the
 * list.
 */
export async function listMagistrates(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
): Promise<MagistrateList> {
  authorize(actor, 'magistrate.read', schemeId)
  return inScheme(deps.db, schemeId, (tx) => readList(tx, actor, schemeId))
}

/**
 * Adds a named contact.
 * @throws AppError with every problem at once: a number that cannot receive SMS, an address that is none, neither of them, a name
 * that is in the list, too many contacts
 */
export function addMagistrate(
  deps: WriteDeps,
  actor: Actor,
  schemeId: string,
  input: NewMagistrate,
): Promise<MagistrateList> {
  return changeList(deps, actor, schemeId, async (tx) => {
    const known = await listMagistrateRows(tx, schemeId)
    const { row, problems } = checkContact(input)
    if (known.some(({ name }) => isSameName(name, row.name)))
      problems.push({ code: 'magistrate.twice', path: 'name' })
    if (known.length >= MAX_MAGISTRATES)
      problems.push({ code: 'input.too_many', values: { maximum: MAX_MAGISTRATES } })
    if (problems.length > 0) throw refusalOf(problems)
    const id = deps.newId()
    await tx
      .insertInto('magistrates')
      .values({ schemeId, id, ...row, createdAt: deps.now(), createdBy: actorName(actor), removedAt: null })
      .execute()
    return { action: 'magistrate.add', id, name: row.name }
  })
}

/**
 * Changes a named contact; absent fields keep their value.
 * @throws AppError `not_found`, or as `addMagistrate`
 */
export function changeMagistrate(
  deps: WriteDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  change: MagistrateChange,
): Promise<MagistrateList> {
  return changeList(deps, actor, schemeId, async (tx) => {
    const known = await listMagistrateRows(tx, schemeId)
    const before = known.find((one) => one.id === id && one.kind === 'contact')
    if (before === undefined) throw new AppError('not_found')
    const { name = before.name, service = before.service, mail = before.mail, phone = before.phone } = change
    const { row, problems } = checkContact({ name, service, mail: mail ?? '', phone: phone ?? '' })
    if (known.some((one) => one.id !== id && isSameName(one.name, row.name)))
      problems.push({ code: 'magistrate.twice', path: 'name' })
    if (problems.length > 0) throw refusalOf(problems)
    await tx
      .updateTable('magistrates')
      .set(row)
      .where('schemeId', '=', schemeId)
      .where('id', '=', id)
      .execute()
    return { action: 'magistrate.change', id, name: row.name }
  })
}

/**
 * Removes a named contact from the list. What was recorded under the name stays, and can still be confirmed or denied.
 * @throws AppError `not_found`
 */
export function removeMagistrate(
  deps: WriteDeps,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<MagistrateList> {
  return changeList(deps, actor, schemeId, async (tx) => {
    const removed = await tx
      .updateTable('magistrates')
      .set({ removedAt: deps.now() })
      .where('schemeId', '=', schemeId)
      .where('id', '=', id)
      .where('removedAt', 'is', null)
      .returning('name')
      .executeTakeFirst()
    if (removed === undefined) throw new AppError('not_found')
    return { action: 'magistrate.remove', id, name: removed.name }
  })
}

async function changeList(
  deps: WriteDeps,
  actor: Actor,
  schemeId: string,
  change: (tx: Tx) => Promise<{ readonly action: AuditAction; readonly id: string; readonly name: string }>,
): Promise<MagistrateList> {
  authorize(actor, 'magistrate.manage', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const { action, id, name } = await change(tx)
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action,
      subject: `magistrate:${id}`,
      named: { name },
    })
    return readList(tx, actor, schemeId)
  })
}

async function readList(tx: Tx, actor: Actor, schemeId: string): Promise<MagistrateList> {
  const isManager = may(actor, 'magistrate.manage', schemeId)
  const rows = await listMagistrateRows(tx, schemeId)
  return {
    magistrates: rows.map(({ mail, phone, ...row }) => ({
      ...row,
      mail: isManager ? mail : null,
      phone: isManager ? phone : null,
    })),
  }
}

const isSameName = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()

/** Returns a contact as stored, with its problems. */
function checkContact({ name, service, mail, phone }: Required<NewMagistrate>): {
  row: { name: string; service: string; mail: string | null; phone: string | null }
  problems: Problem[]
} {
  const problems: Problem[] = []
  const row = { name, service, mail: null as string | null, phone: null as string | null }
  if (mail !== '') {
    const parsed = parseMail(mail)
    if ('value' in parsed) row.mail = parsed.value
    else problems.push({ code: parsed.problem, path: 'mail' })
  }
  if (phone !== '') {
    const parsed = parsePhone(phone)
    if ('problem' in parsed) problems.push({ code: parsed.problem, path: 'phone' })
    else if (parsed.value.kind === 'landline') problems.push({ code: 'mobile.landline', path: 'phone' })
    else if (destinationOf(parsed.value.e164) !== 'home')
      problems.push({ code: 'mobile.abroad', path: 'phone' })
    else row.phone = parsed.value.e164
  }
  if (mail === '' && phone === '') problems.push({ code: 'magistrate.unreachable', path: 'phone' })
  return { row, problems }
}
