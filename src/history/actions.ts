import { isForForcesAlone } from '../alerts/live/masked.ts'
import { AUDIT_ACTIONS } from '../audit/list.ts'
import { ChangeKind } from '../changes/contract.ts'
import { type ChangeField, fieldsOfChange, type MemberState } from '../changes/fields.ts'
import type { Deps } from '../deps.ts'
import { namesOfActors } from '../identity/store.ts'
import { getMember } from '../members/actions.ts'
import { withoutMark } from '../message/mark.ts'
import { listReceivedMessages, type ReceivedMessage } from '../messages/received.ts'
import { type Actor, authorize, may, type Permission } from '../permissions.ts'
import { decodeInstantCursor, encodeInstantCursor } from '../platform/database/cursor.ts'
import { inScheme } from '../platform/db.ts'
import type { HistoryEntry, HistoryPage, HistoryQuery } from './contract.ts'
import {
  type AlertMessageRow,
  type DeedRow,
  findCommuneNames,
  listAlertMessages,
  listDeeds,
} from './store.ts'

/** Audit actions that say nothing of one member. Those of a change are shown by the change. */
const ACTIONS_NOT_SHOWN = ['member.export']

/** Acts that only readers with a further permission see: audit actions, and the kind of change that sets tags. */
const RESTRICTED: readonly { readonly acts: RegExp; readonly permission: Permission }[] = [
  { acts: /^(?:member\.note_|tags$)/, permission: 'member.notes' },
  { acts: /^(?:card|debit|dues|invoice|mandate)\./, permission: 'dues.read' },
  { acts: /^(?:data|request)\./, permission: 'request.manage' },
]

/** Lists the audit actions and kinds of change that the history does not show to the actor. */
function listHidden(actor: Actor, schemeId: string): string[] {
  const withheld = RESTRICTED.filter(({ permission }) => !may(actor, permission, schemeId))
  const acts = [...AUDIT_ACTIONS, ...ChangeKind.options]
  return [
    ...ACTIONS_NOT_SHOWN,
    ...acts.filter((act) => withheld.some((restricted) => restricted.acts.test(act))),
  ]
}

/**
 * Lists what happened to a member, latest first, in pages: audit entries, bulk changes, signed charters, messages
 * of alerts and of the chamber. Every user who may see the member may see it, except notes and tags, dues, and requests
 * about personal data, which need the permission of their own pages. The text of an alert follows the permissions of its
 * page; the text of a service message those of the list of messages.
 * @throws AppError `not_found`, also for a chamber of another trade; `invalid_input` for an unknown `before`
 */
export async function listHistory(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  memberId: string,
  query: HistoryQuery,
): Promise<HistoryPage> {
  await getMember(deps, actor, schemeId, memberId)
  const before =
    query.before === undefined ? undefined : decodeInstantCursor(query.before, 'before', ENTRY_ID)
  const page = { before, limit: query.limit + 1 }
  const hidden = listHidden(actor, schemeId)
  const { deeds, messages, received, communes } = await inScheme(deps.db, schemeId, async (tx) => {
    const deeds = await listDeeds(tx, schemeId, memberId, { ...page, hidden, now: deps.now() })
    return {
      deeds,
      messages: await listAlertMessages(tx, schemeId, memberId, page),
      received: await listReceivedMessages(tx, schemeId, memberId, page),
      communes: await findCommuneNames(tx, communeCodesOf(deeds)),
    }
  })
  const all = [...deeds, ...messages, ...received].sort(
    (a, b) => b.at.getTime() - a.at.getTime() || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0),
  )
  const shown = all.slice(0, query.limit)
  const last = shown.at(-1)
  const names = await namesOfActors(
    deps.db,
    shown.flatMap((row) => ('kind' in row && row.kind === 'record' ? (row.by ?? []) : [])),
  )
  const texts = {
    reads: may(actor, 'alert.read', schemeId),
    precise: may(actor, 'alert.read_precise', schemeId),
  }
  const mayReadText = makeTextPermission(actor, schemeId)
  const sees = { communes, tags: may(actor, 'member.notes', schemeId) }
  return {
    entries: shown.map((row) =>
      'kind' in row
        ? toDeedEntry(row, names, sees)
        : 'channel' in row
          ? toServiceMessageEntry(row, mayReadText(row))
          : toAlertEntry(row, texts),
    ),
    next: all.length > query.limit && last !== undefined ? encodeInstantCursor(last) : null,
  }
}

const ENTRY_ID = /^[a-z]+(?:-[0-9a-f-]+)?$/

function communeCodesOf(deeds: readonly DeedRow[]): string[] {
  const codes = deeds.flatMap(({ before, after }) => [before?.communeCode, after?.communeCode])
  return [...new Set(codes.filter((code) => typeof code === 'string'))]
}

function toDeedEntry(
  row: DeedRow,
  names: ReadonlyMap<string, string>,
  sees: { readonly communes: ReadonlyMap<string, string>; readonly tags: boolean },
): HistoryEntry {
  const entry = { id: row.id, at: row.at.toISOString() }
  switch (row.kind) {
    case 'created':
      return { ...entry, by: null, kind: 'created' }
    case 'change':
      return {
        ...entry,
        by: row.by,
        kind: 'change',
        change: ChangeKind.parse(row.what),
        made: row.made,
        note: row.note,
        undone: row.undone,
        fields: listChangedValues(row, sees.communes).filter(({ field }) => sees.tags || field !== 'tags'),
        notified: [...row.notified],
      }
    case 'charter':
      return { ...entry, by: row.by, kind: 'charter', version: row.version ?? 0 }
    case 'record':
      return { ...entry, by: names.get(row.by ?? '') ?? null, kind: 'record', action: row.what ?? '' }
  }
}

type ChangedValue = Extract<HistoryEntry, { kind: 'change' }>['fields'][number]

/** Lists what a change set of its member, with the values before and after it if they are stored. */
function listChangedValues(row: DeedRow, communes: ReadonlyMap<string, string>): ChangedValue[] {
  const { before, after } = row
  return (fieldsOfChange(row) ?? []).map((field) => {
    const [from, to] = [before, after].map((state) => state && lineOf(field, state, communes))
    return from === to
      ? { field, before: null, after: null }
      : { field, before: from ?? null, after: to ?? null }
  })
}

/** Returns a value of a member on one line; null if it has none, or for what no line says: people, tags, quiet hours. */
function lineOf(
  field: ChangeField,
  state: MemberState,
  communes: ReadonlyMap<string, string>,
): string | null {
  const join = (separator: string, ...parts: readonly unknown[]) =>
    parts.filter((part) => typeof part === 'string' && part !== '').join(separator) || null
  switch (field) {
    case 'naf':
      return join(' / ', state.naf, state.naf2025)
    case 'place':
      return join(', ', state.address, join(' ', state.postalCode, communes.get(String(state.communeCode))))
    case 'contacts':
    case 'quiet':
    case 'tags':
      return null
    default:
      return join('', state[field])
  }
}

function toAlertEntry(
  row: AlertMessageRow,
  { reads, precise }: { readonly reads: boolean; readonly precise: boolean },
): HistoryEntry {
  const isMasked = row.alertLevel === 'precise' || isForForcesAlone(row.level, row.text)
  return {
    id: row.id,
    at: row.at.toISOString(),
    by: null,
    kind: 'alert',
    alertId: row.alertId,
    reference: row.reference,
    message: row.message,
    category: { labelFr: row.labelFr, labelEn: row.labelEn },
    text: reads && (precise || !isMasked) ? withoutMark(row.text) : null,
    readAt: row.readAt?.toISOString() ?? null,
  }
}

/** Length in characters of the excerpt of an SMS. */
const FIRST_WORDS = 120

/**
 * Returns a check of whether the actor may read the text of a service message. A trade chamber may read only
 * messages written for its trades.
 */
function makeTextPermission(actor: Actor, schemeId: string): (message: ReceivedMessage) => boolean {
  if (!may(actor, 'message.read', schemeId)) return () => false
  const reach = authorize(actor, 'message.read', schemeId)
  return ({ trades }) =>
    reach.scope === 'scheme' || trades?.every((trade) => reach.trades.includes(trade)) === true
}

function toServiceMessageEntry(
  { id, at, channel, subject, text, writer, state }: ReceivedMessage,
  mayReadText: boolean,
): HistoryEntry {
  const words = text.length <= FIRST_WORDS ? text : `${text.slice(0, FIRST_WORDS).replace(/\s+\S*$/, '')}…`
  return {
    id,
    at: at.toISOString(),
    by: writer,
    kind: 'message',
    channel,
    words: !mayReadText ? null : subject === '' ? words : subject,
    state,
  }
}
