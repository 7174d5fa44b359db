import { isDeepStrictEqual } from 'node:util'
import { sql } from 'kysely'
import { recordAudit } from '../audit/record.ts'
import { findRepeated } from '../audit/repeat.ts'
import { stopBroadcast } from '../deliveries/claim/stop.ts'
import type { Deps } from '../deps.ts'
import { AppError, type Problem } from '../errors.ts'
import { linksIn } from '../guard/contacts.ts'
import { hasGivenAccess, listGivenAccess } from '../identity/account-acts.ts'
import { costCents } from '../message/price.ts'
import { segmentMessage } from '../message/segment.ts'
import { type Actor, actorName, authorize, personName } from '../permissions.ts'
import { findTimeZone } from '../platform/database/time-zone.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import { MessageSettings } from '../schemes/contract.ts'
import { MESSAGE_HOURS, nextWithinHours } from '../schemes/settings/hours.ts'
import {
  type DraftMessage,
  type MessageDecision,
  type MessagePreview,
  type NewServiceMessage,
  PARTS_MAX,
  type ServiceMessageList,
  type ServiceMessageView,
} from './contract.ts'
import { assertSectorExists, countGroup, type Group, requireView, withView } from './group.ts'
import { readMessage, readMessages } from './read.ts'
import { planSending, withdrawMessageMails } from './sending.ts'

type MessageDeps = Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'config' | 'mailer'>

/** Counts the recipients and the price of a message without sending it. @throws as `writeServiceMessage` */
export async function previewServiceMessage(
  deps: MessageDeps,
  actor: Actor,
  schemeId: string,
  message: DraftMessage,
): Promise<MessagePreview> {
  const trades = authorizedTrades(actor, schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    await requireView(tx, actor, schemeId, message.filter)
    return previewMessage(tx, deps, await withView(tx, { schemeId, filter: message.filter, trades }), message)
  })
}

/**
 * Sends a message to a group of members, after every urgent message and within `MESSAGE_HOURS`. A message to more
 * recipients than the scheme's `aloneMax` waits for the approval of a second person. Submitting the same message
 * again returns the stored one, so that it is sent once.
 * @throws AppError `id_taken`; `invalid_input`: the text is empty, a mail
 * has no subject or no mail server, an SMS has too many parts, or the group is empty; `not_found`: unknown sector, or a view that the
 * writer may not see
 */
export async function writeServiceMessage(
  deps: MessageDeps,
  actor: Actor,
  schemeId: string,
  message: NewServiceMessage,
): Promise<ServiceMessageView> {
  const trades = authorizedTrades(actor, schemeId)
  const { channel, subject, text, filter } = message
  const id = message.id ?? deps.newId()
  const storedSubject = channel === 'mail' ? subject : ''
  return inScheme(deps.db, schemeId, async (tx) => {
    const repeated = await findRepeated(tx, schemeId, {
      id: message.id,
      creator: actorName(actor),
      find: (one) => findMessage(tx, schemeId, one),
      isSame: (row) =>
        row.channel === channel &&
        row.subject === storedSubject &&
        row.text === text &&
        isDeepStrictEqual(row.filter, JSON.parse(JSON.stringify(filter))),
      creatorOf: (row) => row.writtenBy,
    })
    if (repeated !== undefined) return readMessage(tx, schemeId, id, actor)
    await requireView(tx, actor, schemeId, filter)
    const group = await withView(tx, { schemeId, filter, trades })
    const { recipients, needsSecond } = await previewMessage(tx, deps, group, message)
    if (recipients === 0)
      throw new AppError('invalid_input', { problems: [{ code: 'message.nobody', path: 'filter' }] })
    const at = deps.now()
    const decision = needsSecond
      ? ({ state: 'waiting', decidedAt: null, decidedBy: null, decider: null } as const)
      : ({
          state: 'sent',
          decidedAt: at,
          decidedBy: actorName(actor),
          decider: personName(actor),
        } as const)
    await tx
      .insertInto('serviceMessages')
      .values({
        schemeId,
        id,
        channel,
        subject: storedSubject,
        text,
        filter: JSON.stringify(filter),
        trades: trades === null ? null : [...trades],
        recipients,
        writtenAt: at,
        writtenBy: actorName(actor),
        writer: personName(actor),
        ...decision,
      })
      .execute()
    if (!needsSecond) await planSending(tx, deps, actor, { group, id }, message)
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: needsSecond ? 'message.submit' : 'message.send',
      subject: `message:${id}`,
      details: { channel, recipients },
    })
    return readMessage(tx, schemeId, id, actor)
  })
}

/**
 * Records the decision of a second person on a waiting message: send or refuse.
 * @throws AppError `not_found`; `wrong_state`: already decided; `own_message`: the actor wrote it; `access_given`: the actor
 * and its author gave each other access within the cooling time;
 * `audience_changed`: the group is no longer the one that was shown; `invalid_input`: refused without a reason
 */
export async function decideServiceMessage(
  deps: MessageDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  { outcome, reason, recipients: shown }: MessageDecision,
): Promise<ServiceMessageView> {
  authorize(actor, 'message.approve', schemeId)
  if (outcome === 'refuse' && reason === '')
    throw new AppError('invalid_input', { problems: [{ code: 'message.why', path: 'reason' }] })
  return inScheme(deps.db, schemeId, async (tx) => {
    const row = await findMessage(tx, schemeId, id, { lock: true })
    if (row === undefined) throw new AppError('not_found')
    if (row.state !== 'waiting') throw new AppError('wrong_state')
    if (outcome === 'send') await requireSecondPerson(tx, deps, actor, schemeId, row.writtenBy)
    const group = await withView(tx, { schemeId, filter: row.filter, trades: row.trades })
    const recipients =
      outcome === 'send' ? await countShownRecipients(tx, deps, group, row, shown) : row.recipients
    await tx
      .updateTable('serviceMessages')
      .set({
        state: outcome === 'send' ? 'sent' : 'refused',
        recipients,
        decidedAt: deps.now(),
        decidedBy: actorName(actor),
        decider: personName(actor),
        reason: outcome === 'send' ? null : reason,
      })
      .where('schemeId', '=', schemeId)
      .where('id', '=', id)
      .execute()
    if (outcome === 'send') await planSending(tx, deps, actor, { group, id }, row)
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: outcome === 'send' ? 'message.send' : 'message.refuse',
      subject: `message:${id}`,
      details: { channel: row.channel, recipients },
    })
    return readMessage(tx, schemeId, id, actor)
  })
}

/**
 * Counts the recipients of a message that is about to be sent.
 * @throws AppError `audience_changed` when there is none, or another number than was shown
 */
async function countShownRecipients(
  tx: Tx,
  deps: MessageDeps,
  group: Parameters<typeof previewMessage>[2],
  row: NonNullable<Awaited<ReturnType<typeof findMessage>>>,
  shown: number | undefined,
): Promise<number> {
  const { recipients } = await previewMessage(tx, deps, group, row)
  if (recipients === 0 || (shown !== undefined && shown !== recipients))
    throw new AppError('audience_changed', {
      values: { before: shown ?? row.recipients ?? 'unknown', after: recipients },
    })
  return recipients
}

/**
 * Refuses the author of a message as its second person, and an account that may be the same person.
 * @throws AppError `own_message`; `access_given`
 */
async function requireSecondPerson(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'config'>,
  actor: Actor,
  schemeId: string,
  writtenBy: string,
): Promise<void> {
  const me = actorName(actor)
  if (writtenBy === me) throw new AppError('own_message')
  const given = await listGivenAccess(tx, deps, schemeId, [me, writtenBy])
  if (hasGivenAccess(given, me, writtenBy)) throw new AppError('access_given')
}

/**
 * Stops a message that was sent: deliveries not yet submitted are withdrawn. Those that a provider or the mail
 * server already has cannot be recalled.
 * @throws AppError `not_found`, also for a chamber of other trades; `wrong_state`: the message is waiting,
 * refused, already stopped, or entirely submitted
 */
export async function stopServiceMessage(
  deps: MessageDeps,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<ServiceMessageView> {
  const trades = authorizedTrades(actor, schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const row = await findMessage(tx, schemeId, id, { lock: true })
    const isTheirs = trades === null || row?.trades?.every((trade) => trades.includes(trade)) === true
    if (row === undefined || !isTheirs) throw new AppError('not_found')
    if (row.state !== 'sent' || row.stoppedAt !== null) throw new AppError('wrong_state')
    const withdrawn =
      row.broadcastId === null
        ? await withdrawMessageMails(tx, schemeId, id, deps.now())
        : await stopBroadcast(tx, schemeId, row.broadcastId, deps.now())
    if (withdrawn === 0) throw new AppError('wrong_state')
    await tx
      .updateTable('serviceMessages')
      .set({ stoppedAt: deps.now(), stoppedBy: actorName(actor), stopper: personName(actor) })
      .where('schemeId', '=', schemeId)
      .where('id', '=', id)
      .execute()
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: 'message.stop',
      subject: `message:${id}`,
      details: { channel: row.channel, withdrawn },
    })
    return readMessage(tx, schemeId, id, actor)
  })
}

async function findMessage(tx: Tx, schemeId: string, id: string, { lock = false } = {}) {
  let query = tx
    .selectFrom('serviceMessages')
    .selectAll()
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
  if (lock) query = query.forUpdate()
  return query.executeTakeFirst()
}

/** Lists messages, latest first. A trade chamber sees only those written for its trades. */
export async function listServiceMessages(
  deps: MessageDeps,
  actor: Actor,
  schemeId: string,
): Promise<ServiceMessageList> {
  const reach = authorize(actor, 'message.read', schemeId)
  const only = reach.scope === 'trades' ? sql`and m.trades <@ ${[...reach.trades]}::text[]` : sql``
  return inScheme(deps.db, schemeId, async (tx) => ({
    messages: await readMessages(tx, schemeId, actor, only),
    mail: deps.mailer !== undefined,
  }))
}

function authorizedTrades(actor: Actor, schemeId: string): readonly string[] | null {
  const reach = authorize(actor, 'message.write', schemeId)
  return reach.scope === 'trades' ? reach.trades : null
}

async function previewMessage(
  tx: Tx,
  deps: MessageDeps,
  group: Group,
  { channel, subject, text }: Pick<DraftMessage, 'channel' | 'subject' | 'text'>,
): Promise<MessagePreview> {
  const problems: Problem[] = []
  if (text === '') problems.push({ code: 'message.empty', path: 'text' })
  if (channel === 'mail' && subject === '') problems.push({ code: 'message.noSubject', path: 'subject' })
  if (channel === 'mail' && deps.mailer === undefined)
    problems.push({ code: 'message.noMailServer', path: 'channel' })
  const segmentation = channel === 'sms' && text !== '' ? segmentMessage(text, { fold: true }) : undefined
  if (segmentation !== undefined && segmentation.parts.length > PARTS_MAX)
    problems.push({
      code: 'message.tooLong',
      path: 'text',
      values: { parts: segmentation.parts.length, max: PARTS_MAX },
    })
  // Members are taught that no SMS of the scheme contains a link.
  const [link] = channel === 'sms' ? linksIn(text) : []
  if (link !== undefined) problems.push({ code: 'message.link', path: 'text', values: { link: link.link } })
  if (problems.length > 0) throw new AppError('invalid_input', { problems })
  await assertSectorExists(tx, group)
  const { recipients, without } = await countGroup(tx, group, channel)
  const { smsPriceMillicents, messages } = await tx
    .selectFrom('schemes')
    .select(['smsPriceMillicents', 'messages'])
    .where('id', '=', group.schemeId)
    .executeTakeFirstOrThrow()
  const { aloneMax } = MessageSettings.parse(messages)
  return {
    recipients,
    without,
    sms:
      segmentation === undefined
        ? null
        : {
            parts: segmentation.parts.length,
            text: segmentation.parts.join(''),
            costCents: costCents(recipients * segmentation.parts.length, smsPriceMillicents),
          },
    needsSecond: recipients > aloneMax,
    aloneMax,
    leavesAt: (channel === 'sms'
      ? nextWithinHours(MESSAGE_HOURS, deps.now(), await findTimeZone(tx, group.schemeId))
      : deps.now()
    ).toISOString(),
  }
}
