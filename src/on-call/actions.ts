import { z } from 'zod'
import { findAuditActor, recordAudit } from '../audit/record.ts'
import { findRepeated } from '../audit/repeat.ts'
import type { Deps } from '../deps.ts'
import { AppError, type Problem, refusalOf } from '../errors.ts'
import { parsePhone } from '../members/rules.ts'
import { type Actor, actorName, authorize, may } from '../permissions.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import { findDestinations, isOwnMobile } from '../schemes/settings/destinations.ts'
import type { SettingWriter } from '../settings/actions.ts'
import { markRows } from '../settings/alone.ts'
import {
  auditBy,
  type ChangedBy,
  findRepeatedProposal,
  type ProposeDeps,
  proposeOrApply,
} from '../settings/propose.ts'
import { isSame, type SettingPart } from '../settings/rules.ts'
import {
  MAX_ON_CALL,
  type NewOnCallAbsence,
  NewOnCallPerson,
  type OnCallPerson,
  type OnCallPersonChange,
  type OnCallRole,
  type OnCallRota,
} from './contract.ts'
import {
  findAbsence,
  findPerson,
  insertPerson,
  listAbsences,
  listApproverAccounts,
  listOnCallPeople,
  type PersonFields,
  readRota,
  removePersonRow,
  updatePerson,
} from './store.ts'

type RotaDeps = ProposeDeps & Pick<Deps, 'db'>

/** Returns who can be called in a scheme, when, and by which numbers. */
export async function getOnCallRota(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
): Promise<OnCallRota> {
  authorize(actor, 'on_call.read', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const at = deps.now()
    const { timeZone } = await readRota(tx, schemeId, at)
    return {
      people: (await listOnCallPeople(tx, schemeId)).map((person) => withoutNumbers(actor, schemeId, person)),
      absences: await listAbsences(tx, schemeId, at),
      timeZone,
      accounts: await listApproverAccounts(tx),
    }
  })
}

/** Hides where a magistrate is notified from users who may not choose it: they record authorisations under that name. */
function withoutNumbers(actor: Actor, schemeId: string, person: OnCallPerson): OnCallPerson {
  const isShown = person.role !== 'magistrate' || may(actor, 'magistrate.manage', schemeId)
  return isShown ? person : { ...person, phone: null, mail: null }
}

/** Users who record an authorisation may not choose who will confirm it. */
function authorizeRoles(actor: Actor, schemeId: string, roles: readonly (OnCallRole | undefined)[]): void {
  authorize(actor, 'on_call.set', schemeId)
  if (roles.includes('magistrate')) authorize(actor, 'magistrate.manage', schemeId)
}

/** The rota in force, and the change that waits for another account. */
type RotaSaved = OnCallRota & { readonly proposed: string | null }

/**
 * Adds a person to the list of the scheme; a magistrate once another account has put it in force. The same request with the
 * same id again adds and proposes nobody, also when the person was removed since.
 * @throws AppError with every problem at once; `id_taken`; as `proposeOrApply`
 */
export async function addOnCallPerson(
  deps: RotaDeps,
  actor: Actor,
  schemeId: string,
  { id, reason, ...input }: NewOnCallPerson,
): Promise<RotaSaved> {
  authorizeRoles(actor, schemeId, [input.role])
  const wanted = toFields(input)
  const isWanted = ({ role, name, service, userId, agencyId, phone, mail, hours }: PersonFields) =>
    isSame({ role, name, service, userId, agencyId, phone, mail, hours }, wanted)
  const proposed = await inScheme(deps.db, schemeId, async (tx) => {
    const repeatedProposal = await findRepeatedProposal(tx, schemeId, {
      ...{ id, actor, subject: 'magistrates' },
      isSame: (after) => {
        const { data } = StoredPerson.safeParse(after)
        return data !== undefined && isWanted(data)
      },
    })
    if (repeatedProposal !== undefined) return repeatedProposal.proposed
    const repeated = await findRepeated(tx, schemeId, {
      id,
      creator: actorName(actor),
      find: (one) => findPerson(tx, schemeId, one),
      // The number, the address and the hours of a person who was removed are deleted.
      isSame: ({ removedAt, ...row }) => {
        const { phone, mail, hours } = wanted
        return isWanted(removedAt === null ? row : { ...row, phone, mail, hours })
      },
      creatorOf: (row) =>
        findAuditActor(tx, schemeId, { action: 'on_call.add', subject: `on_call:${row.id}` }),
    })
    if (repeated !== undefined) return null
    const known = await listOnCallPeople(tx, schemeId)
    const fields = await checkPerson(tx, schemeId, input, known)
    if (known.length >= MAX_ON_CALL)
      throw refusalOf([{ code: 'input.too_many', values: { maximum: MAX_ON_CALL } }])
    const parts: SettingPart[] =
      input.role === 'magistrate' ? [{ setting: 'magistrates.add', before: null, after: fields }] : []
    const saving = await proposeOrApply(tx, deps, actor, {
      ...{ schemeId, subject: 'magistrates', parts, reason, id },
    })
    if (saving.proposed === null) await addPerson(tx, deps, schemeId, { id, fields, by: saving.by })
    return saving.proposed
  })
  return { ...(await getOnCallRota(deps, actor, schemeId)), proposed }
}

async function addPerson(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId'>,
  schemeId: string,
  {
    id = deps.newId(),
    fields,
    by,
  }: { readonly id?: string | undefined; readonly fields: PersonFields; readonly by: ChangedBy },
): Promise<void> {
  await insertPerson(tx, schemeId, id, deps.now(), fields)
  await markRows(tx, schemeId, { subject: 'magistrates', ids: [id], by, at: deps.now() })
  await recordRota(tx, deps, by, schemeId, { action: 'on_call.add', id, fields })
}

/**
 * Changes a person of the rota; calls that were made stay as they are. A magistrate is changed once another account has put it in
 * force, except for the hours.
 * @throws AppError `not_found`; `settings_changed` when another user changed it meanwhile; as `proposeOrApply`; or every problem at
 * once
 */
export async function changeOnCallPerson(
  deps: RotaDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  { version, reason, ...input }: OnCallPersonChange,
): Promise<RotaSaved> {
  authorizeRoles(actor, schemeId, [input.role])
  const proposed = await inScheme(deps.db, schemeId, async (tx) => {
    const people = await listOnCallPeople(tx, schemeId)
    const before = people.find((one) => one.id === id)
    if (before === undefined) throw new AppError('not_found')
    authorizeRoles(actor, schemeId, [before.role])
    const known = people.filter((one) => one !== before)
    const fields = await checkPerson(tx, schemeId, input, known)
    if (before.version !== version) throw new AppError('settings_changed')
    const isGoverned = [before.role, input.role].includes('magistrate')
    const parts: SettingPart[] =
      isGoverned && !isSame(withoutHours(before), withoutHours(fields))
        ? [{ setting: 'magistrates.change', before, after: { id, ...fields } }]
        : []
    const saving = await proposeOrApply(tx, deps, actor, { schemeId, subject: 'magistrates', parts, reason })
    if (saving.proposed === null)
      await changePerson(tx, deps, schemeId, { id, version, fields, by: saving.by })
    return saving.proposed
  })
  return { ...(await getOnCallRota(deps, actor, schemeId)), proposed }
}

/** Returns the identity and the contact data of a person, without their hours. */
function withoutHours({ role, name, service, userId, agencyId, phone, mail }: PersonFields): object {
  return { role, name, service, userId, agencyId, phone, mail }
}

async function changePerson(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  {
    id,
    version,
    fields,
    by,
  }: { readonly id: string; readonly version: number; readonly fields: PersonFields; readonly by: ChangedBy },
): Promise<void> {
  if (!(await updatePerson(tx, schemeId, id, version, fields))) throw new AppError('settings_changed')
  await markRows(tx, schemeId, { subject: 'magistrates', ids: [id], by, at: deps.now() })
  await recordRota(tx, deps, by, schemeId, { action: 'on_call.change', id, fields })
}

/** A person as a change of settings stores them. */
export const StoredPerson = NewOnCallPerson.omit({ reason: true }).extend({
  service: z.string().nullable(),
  phone: z.string().nullable(),
  mail: z.string().nullable(),
})
const StoredChange = StoredPerson.extend({ id: z.uuid() })

/** Puts proposed magistrates in force. */
export const magistrateSettingWriter: SettingWriter = {
  async write(tx, deps, { schemeId, parts, by }) {
    for (const { setting, before, after } of parts) {
      const people = await listOnCallPeople(tx, schemeId)
      const check = (person: z.infer<typeof StoredPerson>, known: readonly OnCallPerson[]) => {
        const { service, phone, mail } = person
        const input = { ...person, service: service ?? '', phone: phone ?? '', mail: mail ?? '' }
        return checkPerson(tx, schemeId, input, known)
      }
      if (setting === 'magistrates.add') {
        await addPerson(tx, deps, schemeId, { fields: await check(StoredPerson.parse(after), people), by })
        continue
      }
      const { id, ...person } = StoredChange.parse(after)
      const now = people.find((one) => one.id === id)
      if (now === undefined || !isSame(now, before)) throw new AppError('settings_changed')
      const fields = await check(
        person,
        people.filter((one) => one !== now),
      )
      await changePerson(tx, deps, schemeId, { id, version: now.version, fields, by })
    }
  },
}

/**
 * Removes a person with their number and address; a magistrate keeps them for a time, to answer for what was recorded under their
 * name (privacy/retention).
 * @throws AppError `not_found`
 */
export async function removeOnCallPerson(
  deps: RotaDeps,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<OnCallRota> {
  authorize(actor, 'on_call.set', schemeId)
  await inScheme(deps.db, schemeId, async (tx) => {
    const before = (await listOnCallPeople(tx, schemeId)).find((one) => one.id === id)
    authorizeRoles(actor, schemeId, [before?.role])
    if (!(await removePersonRow(tx, schemeId, id, deps.now()))) throw new AppError('not_found')
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: 'on_call.remove',
      subject: `on_call:${id}`,
    })
  })
  return getOnCallRota(deps, actor, schemeId)
}

/**
 * Records when a person is away and who replaces them. The same request with the same id again changes nothing.
 * @throws AppError with every problem at once; `id_taken`
 */
export async function addOnCallAbsence(
  deps: RotaDeps,
  actor: Actor,
  schemeId: string,
  { id: given, personId, substituteId, from, until }: NewOnCallAbsence,
): Promise<OnCallRota> {
  authorize(actor, 'on_call.set', schemeId)
  await inScheme(deps.db, schemeId, async (tx) => {
    const repeated = await findRepeated(tx, schemeId, {
      id: given,
      creator: actorName(actor),
      find: (one) => findAbsence(tx, schemeId, one),
      isSame: (row) =>
        row.personId === personId &&
        row.substituteId === substituteId &&
        row.fromAt.getTime() === Date.parse(from) &&
        row.untilAt.getTime() === Date.parse(until),
      // The audit log names the person, not the absence; the answer is the rota, which every account that gets here may read.
      creatorOf: () => actorName(actor),
    })
    if (repeated !== undefined) return
    const people = await listOnCallPeople(tx, schemeId)
    const person = people.find(({ id }) => id === personId)
    const substitute = people.find(({ id }) => id === substituteId)
    const problems: Problem[] = []
    if (person === undefined) problems.push({ code: 'on_call.unknown_person', path: 'personId' })
    if (
      substituteId !== null &&
      (substitute === undefined || substitute === person || substitute.role !== person?.role)
    )
      problems.push({ code: 'on_call.substitute', path: 'substituteId' })
    if (Date.parse(until) <= Date.parse(from) || Date.parse(until) <= deps.now().getTime())
      problems.push({ code: 'on_call.absence_ends', path: 'until' })
    if (problems.length > 0) throw refusalOf(problems)
    const id = given ?? deps.newId()
    const row = { personId, substituteId, fromAt: new Date(from), untilAt: new Date(until) }
    await tx
      .insertInto('onCallAbsences')
      .values({ schemeId, id, ...row })
      .execute()
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: 'on_call.absence_add',
      subject: `on_call:${personId}`,
      details: { substitute: substituteId, from: row.fromAt.toISOString(), until: row.untilAt.toISOString() },
    })
  })
  return getOnCallRota(deps, actor, schemeId)
}

/** Removes an absence. @throws AppError `not_found` */
export async function removeOnCallAbsence(
  deps: RotaDeps,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<OnCallRota> {
  authorize(actor, 'on_call.set', schemeId)
  await inScheme(deps.db, schemeId, async (tx) => {
    const removed = await tx
      .deleteFrom('onCallAbsences')
      .where('schemeId', '=', schemeId)
      .where('id', '=', id)
      .returning('personId')
      .executeTakeFirst()
    if (removed === undefined) throw new AppError('not_found')
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: 'on_call.absence_remove',
      subject: `on_call:${removed.personId}`,
    })
  })
  return getOnCallRota(deps, actor, schemeId)
}

async function recordRota(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  by: ChangedBy,
  schemeId: string,
  {
    action,
    id,
    fields,
  }: {
    readonly action: 'on_call.add' | 'on_call.change'
    readonly id: string
    readonly fields: PersonFields
  },
): Promise<void> {
  const entry = auditBy(by, {
    action,
    subject: `on_call:${id}`,
    details: {
      role: fields.role,
      user: fields.userId,
      sms: fields.phone !== null,
      mail: fields.mail !== null,
      hours: fields.hours,
    },
    named: { name: fields.name },
  })
  await recordAudit(tx, schemeId, deps.now(), entry)
}

/** Returns a person as stored. @param known the others of the list @throws AppError with every problem at once */
async function checkPerson(
  tx: Tx,
  schemeId: string,
  input: Omit<OnCallPersonChange, 'version' | 'reason'>,
  known: readonly OnCallPerson[],
): Promise<PersonFields> {
  const problems: Problem[] = []
  const { role, name, userId, agencyId, mail, service } = input
  const add = (code: Problem['code'], path: string) => problems.push({ code, path })
  if (name === '') add('input.required', 'name')
  const isSame = (one: OnCallPerson) => one.role === role && one.name.toLowerCase() === name.toLowerCase()
  if (known.some(isSame)) add('on_call.twice', 'name')
  if (role === 'magistrate' && service === '' && userId === null) add('input.required', 'service')
  const phoneProblem = input.phone === '' ? undefined : await findPhoneProblem(tx, schemeId, input.phone)
  if (phoneProblem !== undefined) add(phoneProblem, 'phone')
  if (mail !== '' && !z.email().safeParse(mail).success) add('mail.invalid', 'mail')
  if (input.phone === '' && mail === '') add('on_call.unreachable', 'phone')
  const accountProblem = userId === null ? undefined : await findAccountProblem(tx, role, userId)
  if (accountProblem !== undefined) add(accountProblem, 'userId')
  if (role === 'agency' && agencyId === null) add('input.required', 'agencyId')
  if (agencyId !== null && !(await isAgency(tx, schemeId, agencyId))) add('on_call.agency', 'agencyId')
  if (problems.length > 0) throw refusalOf(problems)
  return toFields(input)
}

/** Returns the typed values of a person in the form in which they are stored. */
function toFields(input: Omit<OnCallPersonChange, 'version' | 'reason'>): PersonFields {
  const { role, name, service, userId, agencyId, mail, hours } = input
  const phone = parsePhone(input.phone)
  return {
    role,
    name,
    service: role === 'magistrate' && service !== '' ? service : null,
    userId,
    agencyId,
    phone: 'value' in phone ? phone.value.e164 : null,
    mail: mail === '' ? null : mail,
    hours,
  }
}

/** Returns why a number cannot be called: only a mobile of the countries to which the scheme sends can. */
async function findPhoneProblem(
  tx: Tx,
  schemeId: string,
  text: string,
): Promise<Problem['code'] | undefined> {
  const parsed = parsePhone(text)
  if ('problem' in parsed) return parsed.problem
  const { kind, e164 } = parsed.value
  if (kind === 'landline') return 'on_call.landline'
  return isOwnMobile(await findDestinations(tx, schemeId), e164) ? undefined : 'on_call.abroad'
}

/** Returns why an account cannot be that of a person on call, who answers by it in the magistrate's name. */
async function findAccountProblem(
  tx: Tx,
  role: OnCallPerson['role'],
  userId: string,
): Promise<Problem['code'] | undefined> {
  const account = (await listApproverAccounts(tx)).find(({ id }) => id === userId)
  if (account === undefined) return 'on_call.account'
  if (role === 'magistrate' && !account.roles.includes('magistrate')) return 'on_call.not_magistrate'
  return undefined
}

async function isAgency(tx: Tx, schemeId: string, id: string): Promise<boolean> {
  const row = await tx
    .selectFrom('agencies')
    .select('id')
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row !== undefined
}
