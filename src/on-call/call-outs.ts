import { sql } from 'kysely'
import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import type { Lang } from '../i18n/format.ts'
import { writeMessages } from '../outbox/actions.ts'
import { withdrawMessages } from '../outbox/store.ts'
import { type Actor, actorName, authorize, userIdOf } from '../permissions.ts'
import { publicAddress } from '../platform/address.ts'
import { acrossSchemes, inScheme, type Tx } from '../platform/db.ts'
import type {
  CallOutView,
  CallReason,
  CallSubject,
  CallView,
  NextCall,
  OnCallPerson,
  OnCallRole,
} from './contract.ts'
import {
  isEveryone,
  isUnreached,
  type MadeCall,
  nextStepOf,
  nextTurnOf,
  type Reach,
  turnStartsAt,
} from './reach.ts'
import { lineOf } from './rules.ts'
import {
  type CalledMessage,
  type CallOutEnd,
  type CallOutRow,
  type CallRow,
  type EndedMessage,
  endCallOutRows,
  findNextDue,
  insertCallOut,
  insertCalls,
  listCallOutRows,
  listCallRows,
  listDue,
  listOnCallPeople,
  lockCallOut,
  readRota,
  updateDue,
  updateSmsStates,
} from './store.ts'

export type CallOutDeps = Pick<
  Deps,
  'db' | 'now' | 'newId' | 'jobs' | 'config' | 'mailer' | 'live' | 'database'
>
type StartDeps = Pick<Deps, 'newId' | 'jobs'>

const clock: Actor = { kind: 'system', name: 'clock' }

/** An SMS to a person on call is useless later: the next ones have been called long before. */
const SMS_VALID_MS = 15 * 60_000

export interface NewCallOut extends CalledMessage {
  readonly subject: CallSubject
  readonly role: OnCallRole
  /** Category and commune, as the messages name the alert. */
  readonly about: string
  readonly exercise: boolean
  readonly waitSeconds: number
  /** Accounts that may not decide. */
  readonly without: readonly string[]
  readonly at: Date
  /** The elements that an authorisation is asked to cover, and who asked for it. */
  readonly scope?: string
  readonly askedBy?: string
}

/**
 * Starts to call the people on call about a message of an alert, in the transaction that asks for their decision. The first call
 * is made after the commit, by a job. A call-out for the same that is still open ends.
 * @returns false when the scheme has no one to call
 */
export async function startCallOut(tx: Tx, deps: StartDeps, start: NewCallOut): Promise<boolean> {
  const { schemeId, alertId, followUpId, subject, role, about, exercise, waitSeconds, at } = start
  await endCallOuts(tx, start, [subject], { at, why: 'asked_again' })
  const line = lineOf(await readRota(tx, schemeId, at), role, { at: at.getTime(), without: start.without })
  if (line.length === 0) return false
  await insertCallOut(tx, schemeId, {
    id: deps.newId(),
    alertId,
    followUpId,
    subject,
    role,
    about,
    exercise,
    waitSeconds,
    line,
    startedAt: at,
    dueAt: at,
    endedAt: null,
    endedWhy: null,
    endedBy: null,
    endedNote: null,
    scope: start.scope ?? null,
    askedBy: start.askedBy ?? null,
  })
  await deps.jobs.enqueue(tx, 'on_call.advance', {}, 'first')
  return true
}

/**
 * Ends the calls about a message, in the transaction of what ends them, and withdraws messages that still wait.
 * @returns whether anyone was being called
 */
export async function endCallOuts(
  tx: Tx,
  message: EndedMessage,
  subjects: readonly CallSubject[],
  end: CallOutEnd,
): Promise<boolean> {
  const ended = await endCallOutRows(tx, message, subjects, end)
  await withdrawMessages(tx, message.schemeId, ended.map(causeOf), end.at)
  return ended.length > 0
}

const causeOf = (callOutId: string) => `call_out:${callOutId}`

const AT_ONCE = 50

/**
 * Makes the calls that are due in all schemes. The instants are in the database, so a restart loses none.
 * @returns when to look again; null: no call-out is open
 */
export async function advanceCallOuts(deps: CallOutDeps): Promise<Date | null> {
  const due = await acrossSchemes(deps.db, (tx) => listDue(tx, deps.now(), AT_ONCE))
  for (const { schemeId, id } of due) {
    const alertId = await inScheme(deps.db, schemeId, async (tx) => {
      const callOut = await lockCallOut(tx, schemeId, id)
      if (callOut === undefined) return undefined
      return (await advance(tx, deps, clock, schemeId, callOut)) ? callOut.alertId : undefined
    })
    if (alertId !== undefined) deps.live.publish({ type: 'alert', schemeId, alertId })
  }
  return acrossSchemes(deps.db, findNextDue)
}

/** Makes the step of a locked call-out. @returns whether anything changed that screens show */
async function advance(
  tx: Tx,
  deps: CallOutDeps,
  actor: Actor,
  schemeId: string,
  callOut: CallOutRow,
): Promise<boolean> {
  const now = deps.now()
  const calls = (await listCallRows(tx, schemeId, [callOut.id])).get(callOut.id) ?? []
  const hasNews = await updateSmsStates(tx, schemeId, callOut.id, calls)
  const step = nextStepOf(reachOf(callOut, calls), now.getTime())
  if ('checkAt' in step) {
    await updateDue(tx, schemeId, callOut.id, step.checkAt === null ? null : new Date(step.checkAt))
    return hasNews
  }
  await callPeople(tx, deps, actor, schemeId, { callOut, calls, ...step })
  return true
}

const reachOf = (
  { line, waitSeconds }: Pick<CallOutRow, 'line' | 'waitSeconds'>,
  calls: readonly CallRow[],
): Reach => ({ line, calls: calls.map(madeCallOf), waitMs: waitSeconds * 1000 })

const madeCallOf = ({ personId, at, why, smsState, openedAt }: CallRow): MadeCall => ({
  personId,
  at: at.getTime(),
  why,
  sms: smsState,
  openedAt: openedAt?.getTime() ?? null,
})

/** Calls people: their messages are in the outbox, with the calls, in this transaction. */
async function callPeople(
  tx: Tx,
  deps: CallOutDeps,
  actor: Actor,
  schemeId: string,
  {
    callOut,
    calls,
    call: personIds,
    why,
  }: {
    readonly callOut: CallOutRow
    readonly calls: readonly CallRow[]
    readonly call: readonly string[]
    readonly why: CallReason
  },
): Promise<void> {
  const at = deps.now()
  const people = await listOnCallPeople(tx, schemeId)
  const found = personIds.flatMap((id) => people.find((person) => person.id === id) ?? [])
  // A person who left the rota meanwhile is skipped.
  const gone = personIds.filter((id) => !found.some((person) => person.id === id))
  const rows = found.map((person, index) =>
    callOf(deps, callOut, person, {
      no: calls.length + index + 1,
      at,
      why,
      again: calls.some(({ personId }) => personId === person.id),
    }),
  )
  if (gone.length > 0) {
    const line = callOut.line.filter(({ id }) => !gone.includes(id))
    await tx
      .updateTable('callOuts')
      .set({ line: JSON.stringify(line) })
      .where('schemeId', '=', schemeId)
      .where('id', '=', callOut.id)
      .execute()
  }
  if (rows.length > 0) {
    await insertCalls(tx, schemeId, callOut.id, rows)
    await writeCallMessages(tx, deps, schemeId, { callOut, people: found, rows })
    await recordAudit(tx, schemeId, at, {
      actor: actorName(actor),
      action: 'on_call.call',
      subject: `alert:${callOut.alertId}`,
      details: {
        ...(callOut.followUpId === null ? {} : { followUp: callOut.followUpId }),
        subject: callOut.subject,
        why,
        people: rows.map(({ personId, smsId, mailId, again }) => ({
          person: personId,
          sms: smsId !== null,
          mail: mailId !== null,
          again,
        })),
        exercise: callOut.exercise,
      },
      named: { names: found.map(({ name }) => name) },
    })
  }
  // The state of the messages is read a moment later; the rule says when, and whether anyone is left.
  await updateDue(tx, schemeId, callOut.id, new Date(at.getTime() + (rows.length > 0 ? 1000 : 0)))
}

function callOf(
  deps: Pick<Deps, 'newId' | 'config' | 'mailer'>,
  { exercise }: Pick<CallOutRow, 'exercise'>,
  { id, name, phone, mail }: OnCallPerson,
  call: Pick<CallRow, 'no' | 'at' | 'why' | 'again'>,
): CallRow {
  // An exercise reaches nobody for real: without a simulated route it stays on the screen.
  const hasRoute = !exercise || deps.config.gateways.some(({ simulated }) => simulated)
  const smsId = phone !== null && hasRoute ? deps.newId() : null
  const mailId = mail !== null && !exercise && deps.mailer !== undefined ? deps.newId() : null
  return {
    ...call,
    id: deps.newId(),
    personId: id,
    name,
    smsId,
    mailId,
    smsState: smsId === null ? null : 'waiting',
    smsAt: null,
    openedAt: null,
  }
}

async function writeCallMessages(
  tx: Tx,
  deps: CallOutDeps,
  schemeId: string,
  {
    callOut,
    people,
    rows,
  }: {
    readonly callOut: CallOutRow
    readonly people: readonly OnCallPerson[]
    readonly rows: readonly CallRow[]
  },
): Promise<void> {
  const { name: scheme } = await tx
    .selectFrom('schemes')
    .select('name')
    .where('id', '=', schemeId)
    .executeTakeFirstOrThrow()
  const { id, subject, about, exercise, alertId, followUpId } = callOut
  const page = `/valider/${schemeId}/${alertId}${followUpId === null ? '' : `?suite=${followUpId}`}`
  // A magistrate without an account answers by a one-time code.
  const linkOf = (person: OnCallPerson, row: CallRow) =>
    publicAddress(
      deps.config,
      subject === 'authorisation' && person.userId === null ? `/parquet/${schemeId}/${row.id}` : page,
    )
  const at = deps.now()
  const langs = await readAccountLangs(tx, people)
  /** Without an account that chose one, the outbox finds the language of the number or address. */
  const langOf = ({ userId }: OnCallPerson) => langs.get(userId ?? '') ?? null
  const numberOf = (person: OnCallPerson) => rows.find(({ personId }) => personId === person.id)
  await writeMessages(tx, deps, schemeId, {
    sms: people.flatMap((person) => {
      const row = numberOf(person)
      if (row === undefined || row.smsId === null || person.phone === null) return []
      const link = linkOf(person, row)
      const values = { scheme, about, link, again: String(row.again), exercise: String(exercise) }
      return {
        id: row.smsId,
        to: person.phone,
        template: `on_call.sms.${subject}` as const,
        values,
        lang: langOf(person),
        validUntil: new Date(at.getTime() + SMS_VALID_MS),
        createdBy: 'system:on-call',
        lane: 'vital' as const,
        simulated: exercise,
        cause: causeOf(id),
        kept: true,
      }
    }),
    mails: people.flatMap((person) => {
      const row = numberOf(person)
      if (row === undefined || row.mailId === null) return []
      const values = { scheme, chamber: scheme, about, again: String(row.again) }
      return {
        id: row.mailId,
        to: person.mail,
        template: `mail.on_call.${subject}` as const,
        values,
        lang: langOf(person),
        link: linkOf(person, row),
        cause: causeOf(id),
      }
    }),
  })
}

/** Reads the languages in which accounts are written to, by the ids of those that chose or used one. */
async function readAccountLangs(
  tx: Tx,
  people: readonly Pick<OnCallPerson, 'userId'>[],
): Promise<ReadonlyMap<string, Lang>> {
  const ids = people.flatMap(({ userId }) => userId ?? [])
  if (ids.length === 0) return new Map()
  const { rows } = await sql<{ id: string; lang: Lang | null }>`
    select id, account_lang_of(id) as lang from unnest(${ids}::text[]) a (id)`.execute(tx)
  return new Map(rows.flatMap(({ id, lang }) => (lang === null ? [] : [[id, lang] as const])))
}

/**
 * Calls the next person now, or everyone again once all were called. Nothing happens when a person was called since the screen
 * was read.
 * @throws AppError `not_found`; `wrong_state` when the call-out has ended
 */
export async function callNextPerson(
  deps: CallOutDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  { after }: NextCall,
): Promise<{ callOuts: CallOutView[] }> {
  authorize(actor, 'alert.submit', schemeId)
  const alertId = await inScheme(deps.db, schemeId, async (tx) => {
    const callOut = await lockCallOut(tx, schemeId, id)
    if (callOut === undefined) throw new AppError('wrong_state')
    const calls = (await listCallRows(tx, schemeId, [id])).get(id) ?? []
    if (calls.length !== after) return callOut.alertId
    const reach = reachOf(callOut, calls)
    const turn = nextTurnOf(reach)
    const call = turn ?? callOut.line.map((person) => person.id)
    await callPeople(tx, deps, actor, schemeId, {
      callOut,
      calls,
      call,
      why: turn !== null && isEveryone(turn, reach) ? 'all' : 'asked',
    })
    await deps.jobs.enqueue(tx, 'on_call.advance', {}, 'first')
    return callOut.alertId
  })
  deps.live.publish({ type: 'alert', schemeId, alertId })
  return listCallOuts(deps, actor, schemeId, { alert: alertId })
}

/**
 * Records that the signed-in user opened a message that they were called about: the next person is called later then.
 * @returns the call-outs of the alert
 */
export async function openCall(
  deps: CallOutDeps,
  actor: Actor,
  schemeId: string,
  alertId: string,
): Promise<{ callOuts: CallOutView[] }> {
  authorize(actor, 'alert.approve', schemeId)
  const userId = userIdOf(actor) ?? null
  const opened = await inScheme(deps.db, schemeId, async (tx) => {
    const people = (await listOnCallPeople(tx, schemeId)).filter((person) => person.userId === userId)
    if (people.length === 0) return false
    const open = await listCallOutRows(tx, schemeId, { alertId })
    const ids = open.filter(({ endedAt }) => endedAt === null).map(({ id }) => id)
    if (ids.length === 0) return false
    const { numUpdatedRows } = await tx
      .updateTable('callOutCalls')
      .set({ openedAt: deps.now() })
      .where('schemeId', '=', schemeId)
      .where('callOutId', 'in', ids)
      .where(
        'personId',
        'in',
        people.map(({ id }) => id),
      )
      .where('openedAt', 'is', null)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  })
  if (opened) deps.live.publish({ type: 'alert', schemeId, alertId })
  return listCallOuts(deps, actor, schemeId, { alert: alertId })
}

/** Lists the call-outs of an alert, or all that are open, with every call that was made. */
export async function listCallOuts(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  { alert }: { readonly alert?: string | undefined },
): Promise<{ callOuts: CallOutView[] }> {
  authorize(actor, 'call_out.read', schemeId)
  const now = deps.now().getTime()
  return inScheme(deps.db, schemeId, async (tx) => {
    const rows = await listCallOutRows(tx, schemeId, alert === undefined ? 'open' : { alertId: alert })
    const calls = await listCallRows(
      tx,
      schemeId,
      rows.map(({ id }) => id),
    )
    const people = await listOnCallPeople(tx, schemeId)
    const nameOf = (id: string | undefined) => people.find((person) => person.id === id)?.name ?? null
    return { callOuts: rows.map((row) => callOutViewOf(row, calls.get(row.id) ?? [], { now, nameOf })) }
  })
}

function callOutViewOf(
  row: CallOutRow,
  calls: readonly CallRow[],
  { now, nameOf }: { readonly now: number; readonly nameOf: (id: string | undefined) => string | null },
): CallOutView {
  const reach = reachOf(row, calls)
  const turn = row.endedAt === null ? nextTurnOf(reach) : null
  const at = turnStartsAt(reach)
  return {
    id: row.id,
    alertId: row.alertId,
    followUpId: row.followUpId,
    subject: row.subject,
    role: row.role,
    exercise: row.exercise,
    startedAt: row.startedAt.toISOString(),
    calls: calls.map((call) => callViewOf(call, row.endedAt?.getTime() ?? now)),
    next:
      turn === null
        ? null
        : {
            name: isEveryone(turn, reach) ? null : nameOf(turn[0]),
            everyone: isEveryone(turn, reach),
            at: at === null ? null : new Date(at).toISOString(),
          },
    endedAt: row.endedAt?.toISOString() ?? null,
    endedWhy: row.endedWhy,
    endedBy: row.endedBy,
    endedNote: row.endedNote,
    scope: row.scope,
    askedBy: row.askedBy,
  }
}

function callViewOf(call: CallRow, now: number): CallView {
  const { no, personId, name, at, why, again, smsState, smsAt, mailId, openedAt } = call
  return {
    no,
    personId,
    name,
    at: at.toISOString(),
    why,
    again,
    sms: smsState,
    smsAt: smsAt?.toISOString() ?? null,
    mail: mailId !== null,
    unreached: isUnreached(madeCallOf(call), now),
    openedAt: openedAt?.toISOString() ?? null,
  }
}
