import { type RawBuilder, sql } from 'kysely'
import { AppError } from '../errors.ts'
import { findViewGroups, listReadableViews } from '../members/views/actions.ts'
import { type Actor, actorName } from '../permissions.ts'
import type { Tx } from '../platform/db.ts'
import type { GroupFilter, ServiceMessageView } from './contract.ts'
import { countGroup, withView } from './group.ts'
import { groupMails } from './mails.ts'

/** Maximum number of messages listed. */
const SHOWN = 100

/** Reads one message as the actor sees it. @throws AppError `not_found` */
export async function readMessage(
  tx: Tx,
  schemeId: string,
  id: string,
  actor: Actor,
): Promise<ServiceMessageView> {
  const [message] = await readMessages(tx, schemeId, actor, sql`and m.id = ${id}::uuid`)
  if (message === undefined) throw new AppError('not_found')
  return message
}

/** Reads messages, waiting ones first, then the latest. Recipients of waiting messages are counted anew. */
export async function readMessages(
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
