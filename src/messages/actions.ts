import { isDeepStrictEqual } from 'node:util'
import { type RawBuilder, sql } from 'kysely'
import { recordAudit } from '../audit/record.ts'
import { findRepeated } from '../audit/repeat.ts'
import { stopBroadcast } from '../deliveries/claim/stop.ts'
import { type PlannedRecipient, planBroadcast } from '../deliveries/plan/plan.ts'
import { isSimulated } from '../deliveries/simulation.ts'
import type { Deps } from '../deps.ts'
import { AppError, type Problem } from '../errors.ts'
import { linksIn } from '../guard/contacts.ts'
import { hasGivenAccess, listGivenAccess } from '../identity/account-acts.ts'
import type { MemberFilter } from '../members/contract.ts'
import { memberFilters, memberFilterTables } from '../members/store.ts'
import {
  findUsableView,
  findViewGroups,
  listReadableViews,
  requireUsableList,
} from '../members/views/actions.ts'
import { HOUR_MS } from '../message/clock.ts'
import { costCents } from '../message/price.ts'
import { segmentMessage } from '../message/segment.ts'
import { writeMessages } from '../outbox/actions.ts'
import { withdrawMessages } from '../outbox/store.ts'
import { type Actor, actorName, authorize, personName } from '../permissions.ts'
import { findTimeZone } from '../platform/database/time-zone.ts'
import { acrossSchemes, inScheme, type Tx } from '../platform/db.ts'
import { MessageSettings } from '../schemes/contract.ts'
import { MESSAGE_HOURS, nextWithinHours } from '../schemes/settings/hours.ts'
import { findSchemeWithChamber } from '../schemes/store.ts'
import {
  type DraftMessage,
  type GroupFilter,
  type MessageDecision,
  type MessagePreview,
  type NewServiceMessage,
  PARTS_MAX,
  type ServiceMessageList,
  type ServiceMessageView,
} from './contract.ts'
import { causeOf, groupMails } from './mails.ts'

type MessageDeps = Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'config' | 'mailer'>
/** Service messages expire after two days, when their content is out of date. */
const VALID_MS = 48 * HOUR_MS
const SHOWN = 100
/** Number of mails written in one transaction. */
const MAIL_BATCH = 200

/** The group of members that a message is written to. */
interface Group {
  readonly schemeId: string
  readonly filter: GroupFilter
  /** Trades that the writer is limited to (a trade chamber); null: all. */
  readonly trades: readonly string[] | null
  /** The filters of its view; undefined without one, null if it was deleted. */
  readonly view?: MemberFilter | null | undefined
}

/** Reads the view of a group as it is now. */
async function withView(tx: Tx, group: Omit<Group, 'view'>): Promise<Group> {
  const { viewId } = group.filter
  if (viewId === undefined) return group
  const views = await findViewGroups(tx, group.schemeId, [viewId])
  return { ...group, view: views.get(viewId)?.filter ?? null }
}

/** Requires that the writer may use the view that it writes to. @throws AppError `not_found`, `group_missing` */
async function requireView(tx: Tx, actor: Actor, schemeId: string, { viewId }: GroupFilter): Promise<void> {
  if (viewId === undefined) return
  const view = await findUsableView(tx, actor, schemeId, viewId)
  if (view === undefined) throw new AppError('not_found')
  await requireUsableList(tx, actor, schemeId, view.filter)
}

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

async function withdrawMessageMails(tx: Tx, schemeId: string, messageId: string, at: Date): Promise<number> {
  // Unwritten mails first: this update waits for a worker that is writing some, and the next statement then sees
  // what it wrote.
  const { numUpdatedRows: unwritten } = await tx
    .updateTable('serviceMessageMails')
    .set({ withdrawnAt: at })
    .where('schemeId', '=', schemeId)
    .where('messageId', '=', messageId)
    .executeTakeFirst()
  const written = await withdrawMessages(tx, schemeId, [causeOf(messageId)], at)
  return Number(unwritten) + written.length
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

/**
 * Writes one batch of the mails of a message for the mail server. Call it again while it returns true.
 * @throws AppError `source_unreachable` without a mail server: nothing is written
 */
export async function writeSomeMails(
  deps: MessageDeps,
  schemeId: string,
  messageId: string,
): Promise<boolean> {
  if (deps.mailer === undefined) throw new AppError('source_unreachable', { values: { source: 'SMTP' } })
  return acrossSchemes(deps.db, async (tx) => {
    const { rows } = await sql<{ address: string }>`
      delete from service_message_mails where (scheme_id, message_id, address) in (
        select scheme_id, message_id, address from service_message_mails
        where scheme_id = ${schemeId} and message_id = ${messageId}::uuid and withdrawn_at is null
        order by address limit ${MAIL_BATCH} for update skip locked)
      returning address`.execute(tx)
    if (rows.length === 0) return false
    const { subject, text } = await tx
      .selectFrom('serviceMessages')
      .select(['subject', 'text'])
      .where('schemeId', '=', schemeId)
      .where('id', '=', messageId)
      .executeTakeFirstOrThrow()
    const scheme = await findSchemeWithChamber(tx, schemeId)
    if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
    const values = { subject, text, scheme: scheme.name, chamber: scheme.chamber }
    const mail = { template: 'message.mail', values, cause: causeOf(messageId) } as const
    await writeMessages(tx, deps, schemeId, { mails: rows.map(({ address }) => ({ ...mail, to: address })) })
    return rows.length === MAIL_BATCH
  })
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

async function assertSectorExists(tx: Tx, { schemeId, filter }: Group): Promise<void> {
  if (filter.sectorId === undefined) return
  const sector = await tx
    .selectFrom('sectors')
    .select('id')
    .where('schemeId', '=', schemeId)
    .where('id', '=', filter.sectorId)
    .where('removedAt', 'is', null)
    .executeTakeFirst()
  if (sector === undefined) throw new AppError('not_found')
}

/**
 * SQL: active members `m` of a group with their contacts `c`. A filter on unpaid dues includes suspended members,
 * since the message is about the reason for their suspension.
 */
function selectGroup({ schemeId, filter, trades, view }: Group): RawBuilder<unknown> {
  return sql`
    from members m left join contacts c on c.scheme_id = m.scheme_id and c.member_id = m.id
    where m.scheme_id = ${schemeId}
      and ${filter.unpaid === true ? sql`m.status in ('active', 'suspended')` : sql`m.status = 'active'`}
      ${trades === null ? sql`` : sql`and m.trade = any (${[...trades]}::text[])`}
      ${filter.trade === undefined ? sql`` : sql`and m.trade = ${filter.trade}`}
      ${
        filter.sectorId === undefined
          ? sql``
          : sql`and m.commune_code = any (
              select unnest(commune_codes) from sectors where scheme_id = ${schemeId} and id = ${filter.sectorId}::uuid)`
      }
      ${
        filter.unpaid === true
          ? sql`and (select coalesce(sum(l.debit_cents - l.credit_cents), 0) from ledger_lines l
              where l.scheme_id = m.scheme_id and l.member_id = m.id and l.account = 'receivable') > 0`
          : sql``
      }
      ${viewCondition(schemeId, view)}`
}

function viewCondition(schemeId: string, view: Group['view']): RawBuilder<unknown> {
  if (view === undefined) return sql``
  if (view === null) return sql`and false`
  return sql`and m.id in (select m.id from ${memberFilterTables(view)} where ${memberFilters(schemeId, view, {})})`
}

/** SQL: the address that identifies a recipient on this channel; null when the contact has none. */
const addressColumn = (channel: 'sms' | 'mail') =>
  channel === 'sms' ? sql`case when c.sms then c.mobile end` : sql`nullif(lower(c.mail), '')`

async function countGroup(tx: Tx, group: Group, channel: 'sms' | 'mail') {
  const { rows } = await sql<{ recipients: number; without: number }>`
    select count(distinct address)::int as recipients,
      (count(distinct member_id) - count(distinct member_id) filter (where address is not null))::int as without
    from (select m.id as member_id, ${addressColumn(channel)} as address ${selectGroup(group)}) g`.execute(tx)
  return rows[0] ?? { recipients: 0, without: 0 }
}

/** Plans the sending of a message, in the transaction that orders it. */
async function planSending(
  tx: Tx,
  deps: MessageDeps,
  actor: Actor,
  { group, id }: { readonly group: Group; readonly id: string },
  { channel, text }: Pick<DraftMessage, 'channel' | 'text'>,
): Promise<void> {
  const { schemeId } = group
  await sql`
    insert into service_message_receivers (scheme_id, message_id, member_id)
    select distinct ${schemeId}, ${id}::uuid, member_id
    from (select m.id as member_id, ${addressColumn(channel)} as address ${selectGroup(group)}) g where address is not null`.execute(
    tx,
  )
  if (channel === 'mail') {
    await sql`
      insert into service_message_mails (scheme_id, message_id, address)
      select distinct ${schemeId}, ${id}::uuid, address from (select ${addressColumn('mail')} as address ${selectGroup(group)}) g
      where address is not null`.execute(tx)
    await deps.jobs.enqueue(tx, 'message.mails', { schemeId, messageId: id })
    return
  }
  const { sender } = await tx
    .selectFrom('schemes')
    .select('sender')
    .where('id', '=', schemeId)
    .executeTakeFirstOrThrow()
  const notBefore = nextWithinHours(MESSAGE_HOURS, deps.now(), await findTimeZone(tx, schemeId))
  const recipients: RawBuilder<PlannedRecipient> = sql`
    select distinct on (c.mobile) c.id as contact_id, m.id as member_id, c.mobile as phone, m.commune_code, m.trade
    ${selectGroup(group)} and c.sms and c.mobile is not null order by c.mobile, m.id`
  const { broadcastId } = await planBroadcast(tx, deps, {
    schemeId,
    alertId: null,
    kind: 'group',
    lane: 'service',
    orderKey: id,
    segmentation: segmentMessage(text, { fold: true }),
    sender,
    simulated: isSimulated(deps.config.demo, deps.config.gateways),
    validUntil: new Date(notBefore.getTime() + VALID_MS),
    notBefore,
    orderedBy: actorName(actor),
    recipients,
  })
  await tx
    .updateTable('serviceMessages')
    .set({ broadcastId })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
}

async function readMessage(tx: Tx, schemeId: string, id: string, actor: Actor): Promise<ServiceMessageView> {
  const [message] = await readMessages(tx, schemeId, actor, sql`and m.id = ${id}::uuid`)
  if (message === undefined) throw new AppError('not_found')
  return message
}

/** Reads messages, waiting ones first, then the latest. Recipients of waiting messages are counted anew. */
async function readMessages(
  tx: Tx,
  schemeId: string,
  actor: Actor,
  only: RawBuilder<unknown>,
): Promise<ServiceMessageView[]> {
  const { rows } = await sql<
    Omit<ServiceMessageView, 'own' | 'ofView' | 'viewName' | 'writtenAt' | 'decidedAt' | 'stopped'> & {
      stoppedAt: Date | null
      stopper: string | null
      writtenBy: string
      trades: string[] | null
      writtenAt: Date
      decidedAt: Date | null
    }
  >`
    select m.id, m.channel, m.subject, m.text, m.filter, m.trades, m.state, m.recipients, m.written_at, m.written_by, m.writer,
      m.decided_at, m.decider, m.reason, m.stopped_at, m.stopper, b.delivered,
      b.failed + b.expired as failed, coalesce(b.withdrawn, w.withdrawn) as withdrawn,
      case when m.channel = 'mail' then w.waiting end as waiting
    from service_messages m left join broadcasts b on b.scheme_id = m.scheme_id and b.id = m.broadcast_id
    cross join lateral (
      select (count(withdrawn_at))::int as withdrawn, (count(*) - count(withdrawn_at))::int as waiting
      from ${groupMails(sql`m.scheme_id`, sql`m.id`)} w) w
    where m.scheme_id = ${schemeId} ${only}
    order by m.state <> 'waiting', m.written_at desc, m.id desc limit ${SHOWN}`.execute(tx)
  const viewNames = await readViewNames(tx, schemeId, actor, rows)
  const messages: ServiceMessageView[] = []
  for (const { writtenBy, trades, writtenAt, decidedAt, stoppedAt, stopper, ...message } of rows) {
    const { recipients } =
      message.state === 'waiting'
        ? await countGroup(
            tx,
            await withView(tx, { schemeId, filter: message.filter, trades }),
            message.channel,
          )
        : message
    const { viewId, ...filter } = message.filter
    const viewName = viewNames.get(viewId ?? '') ?? null
    messages.push({
      ...message,
      filter: viewName === null ? filter : message.filter,
      recipients,
      ofView: viewId !== undefined,
      viewName,
      own: writtenBy === actorName(actor),
      writtenAt: writtenAt.toISOString(),
      decidedAt: decidedAt?.toISOString() ?? null,
      stopped: stoppedAt === null ? null : { at: stoppedAt.toISOString(), by: stopper ?? '' },
    })
  }
  return messages
}

/** Returns the names of the views of messages that the actor may read. */
async function readViewNames(
  tx: Tx,
  schemeId: string,
  actor: Actor,
  messages: readonly { readonly filter: GroupFilter }[],
): Promise<ReadonlyMap<string, string>> {
  const ids = messages.flatMap(({ filter }) => filter.viewId ?? [])
  if (ids.length === 0) return new Map()
  const readable = await listReadableViews(tx, actor, schemeId)
  const views = await findViewGroups(
    tx,
    schemeId,
    ids.filter((id) => readable.has(id)),
  )
  return new Map([...views].map(([id, { name }]) => [id, name]))
}
