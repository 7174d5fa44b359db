import { createAlert } from '../alerts/compose/draft.ts'
import { findAlert, lockAlert } from '../alerts/store.ts'
import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError, type Problem, refusalOf } from '../errors.ts'
import { withoutMark } from '../message/mark.ts'
import { type Actor, actorName, authorize } from '../permissions.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import { signatureOf } from '../reports/signature.ts'
import { findCategory, insertReport } from '../reports/store.ts'
import { listNeighbours, NEAR_KM } from '../schemes/neighbours.ts'
import { listAreaChoices } from '../territory/actions.ts'
import { crossingPart, usualChoice } from '../territory/choices.ts'
import type { Area } from '../territory/contract.ts'
import { countShared, getAreaContext } from '../territory/store/areas.ts'
import type {
  AcceptRelay,
  CrossedList,
  DeclineRelay,
  NeighbourList,
  NewRelay,
  RelayList,
  RelayQuery,
  RelayView,
} from './contract.ts'
import { relayRefusals, relayTransitions } from './rules.ts'
import {
  findSchemes,
  insertRelay,
  listOwnAlerts,
  listRelayRows,
  listTerritories,
  lockRelay,
  type RelayRow,
  readShared,
  updateRelay,
} from './store.ts'
import { toRelayView } from './views.ts'

type RelayDeps = Pick<Deps, 'db' | 'now' | 'newId' | 'live' | 'config'>

/** Lists the other schemes of the installation, nearest to these communes first. */
export async function getNeighbours(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  communeCodes: readonly string[],
): Promise<NeighbourList> {
  authorize(actor, 'relay.read', schemeId)
  const schemes = await listNeighbours(deps.db, schemeId, communeCodes)
  return {
    schemes: schemes.map((one) => ({ ...one, near: one.kilometres !== null && one.kilometres <= NEAR_KM })),
  }
}

/**
 * Lists the other schemes of the installation with communes in an area. Only areas that are drawn whatever the borders cross them:
 * circles, neighbours of a commune, and agglomerations.
 */
export async function getCrossed(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  area: Area,
): Promise<CrossedList> {
  authorize(actor, 'relay.read', schemeId)
  const crossing = crossingPart(area)
  if (crossing === undefined) return { schemes: [] }
  const others = (await listTerritories(deps.db)).filter(({ id }) => id !== schemeId)
  const counts = await inScheme(deps.db, schemeId, async (tx) =>
    countShared(
      tx,
      await getAreaContext(tx, schemeId),
      others.map(({ territory }) => [crossing, territory]),
      // Communes of both territories count as those of this scheme.
      { kind: 'scheme' },
    ),
  )
  return {
    schemes: others
      .map(({ id, name }, no) => ({ id, name, communes: counts[no] ?? 0 }))
      .filter(({ communes }) => communes > 0)
      .sort((a, b) => b.communes - a.communes || a.name.localeCompare(b.name, 'fr')),
  }
}

/** Lists the relays that the scheme proposed or received, latest first. */
export async function listRelays(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  query: RelayQuery,
): Promise<RelayList> {
  authorize(actor, 'relay.read', schemeId)
  const { rows, own } = await inScheme(deps.db, schemeId, async (tx) => {
    const rows = await listRelayRows(tx, schemeId, query)
    const ids = rows.map(({ id }) => id)
    return { rows, own: await listOwnAlerts(tx, schemeId, ids) }
  })
  const shared = await readShared(
    deps.db,
    rows.map(({ id }) => id),
  )
  const ownOf = new Map(own.map((alert) => [alert.relayId, alert]))
  return { relays: rows.map((row) => toRelayView(row, schemeId, ownOf.get(row.id), shared)) }
}

/**
 * Proposes a sent alert to the operators of other schemes. They see the SMS text, the place and time of the
 * incident, and the proposer: nothing about the call, the caller or the recipients.
 * @throws AppError `not_found`, or every problem: `relay.not_sent`, `relay.unknown_scheme`, `relay.own_scheme`,
 * `relay.came_from`, `relay.open_already`
 */
export async function proposeRelay(
  deps: RelayDeps,
  actor: Actor,
  schemeId: string,
  alertId: string,
  input: NewRelay,
): Promise<RelayList> {
  authorize(actor, 'relay.propose', schemeId)
  const at = deps.now()
  const schemeIds = [...new Set(input.schemeIds)]
  const known = await findSchemes(deps.db, schemeIds)
  await inScheme(deps.db, schemeId, async (tx) => {
    const alert = await lockAlert(tx, schemeId, alertId)
    const row = await findAlert(tx, schemeId, alertId)
    if (alert === undefined || row === undefined) throw new AppError('not_found')
    const relays = await listRelayRows(tx, schemeId, { alertId })
    const problems = relayRefusals({
      alertState: alert.state,
      orderedAt: alert.orderedAt,
      schemeIds,
      ownId: schemeId,
      known,
      open: relays
        .filter((one) => one.fromSchemeId === schemeId && ['proposed', 'accepted'].includes(one.state))
        .map((one) => one.toSchemeId),
      cameFrom: relays.find((one) => one.toSchemeId === schemeId)?.fromSchemeId ?? null,
    })
    if (problems.length > 0) throw refusalOf(problems)
    const sent = await tx
      .selectFrom('broadcasts')
      .select('text')
      .where('schemeId', '=', schemeId)
      .where('alertId', '=', alertId)
      .where('kind', '=', 'first')
      .executeTakeFirstOrThrow()
    const report = await tx
      .selectFrom('reports')
      .select(['occurredAt'])
      .where('schemeId', '=', schemeId)
      .where('id', '=', alert.reportId)
      .executeTakeFirstOrThrow()
    const by = (await signatureOf(tx, actor, schemeId)).text
    for (const toSchemeId of schemeIds) {
      await insertRelay(tx, {
        id: deps.newId(),
        fromSchemeId: schemeId,
        fromAlertId: alertId,
        fromName: row.schemeName,
        toSchemeId,
        state: 'proposed',
        note: input.note || null,
        reference: alert.reference,
        text: withoutMark(sent.text),
        categoryCode: row.categoryCode,
        labelFr: row.labelFr,
        labelEn: row.labelEn,
        severity: row.severity,
        level: alert.doctrine.level,
        communeCode: row.communeCode,
        calledAt: row.calledAt,
        occurredAt: report.occurredAt,
        exercise: alert.exercise,
        proposedAt: at,
        proposedBy: by,
        decidedAt: null,
        decidedBy: null,
        declineReason: null,
        toReportId: null,
      })
    }
    await recordAudit(tx, schemeId, at, {
      actor: actorName(actor),
      action: 'relay.propose',
      subject: `alert:${alertId}`,
      details: { schemes: schemeIds },
    })
  })
  for (const id of [schemeId, ...schemeIds]) deps.live.publish({ type: 'relay', schemeId: id })
  return listRelays(deps, actor, schemeId, { alertId })
}

/**
 * Accepts a relay: creates a report in this scheme and a draft alert with the same text to adapt. Nothing is sent.
 * @throws AppError `not_found`, `relay_decided`, `invalid_input` with `relay.category_needed`
 */
export async function acceptRelay(
  deps: RelayDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  input: AcceptRelay,
): Promise<RelayView> {
  authorize(actor, 'relay.decide', schemeId)
  const at = deps.now()
  const reportId = deps.newId()
  const { relay, usualSize } = await inScheme(deps.db, schemeId, async (tx) => {
    const relay = await lockUndecidedRelay(tx, id, 'accept', (row) => row.toSchemeId === schemeId)
    const categoryCode = input.categoryCode ?? relay.categoryCode
    const category = await findCategory(tx, schemeId, categoryCode)
    if (category?.active !== true) {
      const problem: Problem = { code: 'relay.category_needed', path: 'categoryCode' }
      throw refusalOf([problem])
    }
    const signature = await signatureOf(tx, actor, schemeId)
    await insertReport(tx, {
      schemeId,
      id: reportId,
      categoryCode,
      communeCode: relay.communeCode,
      place: null,
      calledAt: relay.calledAt,
      occurredAt: relay.occurredAt,
      lateReason: relayReason(relay),
      callerPhone: null,
      callerName: null,
      callerMemberId: null,
      callerContactId: null,
      called17: null,
      facts: null,
      agencyId: signature.agencyId,
      createdAt: at,
      createdBy: signature.text,
      exercise: relay.exercise,
    })
    await updateRelay(tx, id, {
      state: 'accepted',
      decidedAt: at,
      decidedBy: signature.text,
      toReportId: reportId,
    })
    await recordAudit(tx, schemeId, at, {
      actor: actorName(actor),
      action: 'relay.accept',
      subject: `relay:${id}`,
      details: { report: reportId, from: relay.fromSchemeId, reference: relay.reference },
    })
    return { relay, usualSize: category.area }
  })
  const area = input.area ?? (await usualAreaOf(deps, actor, schemeId, relay, usualSize))
  await createDraftOfRelay(deps, actor, schemeId, reportId, { relay, area })
  publishRelay(deps, relay)
  deps.live.publish({ type: 'report', schemeId, reportId })
  return getRelay(deps, actor, schemeId, id)
}

/** Returns the area of a relay for which none was chosen: the place may be far from the scheme that takes it over. */
async function usualAreaOf(
  deps: RelayDeps,
  actor: Actor,
  schemeId: string,
  { communeCode }: RelayRow,
  usualSize: string | null,
): Promise<Area> {
  const choices = await listAreaChoices(deps, actor, { schemeId, communeCode, lang: 'fr' })
  return usualChoice(choices, usualSize)?.area ?? { kind: 'scheme' }
}

/**
 * Creates the draft to adapt. When this scheme refuses the text, the report is left without a draft and the
 * operator writes one.
 */
async function createDraftOfRelay(
  deps: RelayDeps,
  actor: Actor,
  schemeId: string,
  reportId: string,
  { relay, area }: { readonly relay: RelayRow; readonly area: Area },
): Promise<void> {
  try {
    await createAlert(deps, actor, schemeId, {
      reportId,
      text: withoutReference(relay.text, relay.reference),
      area,
      trades: [],
      doctrine: { offence: null, arrested: null, level: relay.level },
      outsideZoneReason: relayReason(relay),
    })
  } catch (error) {
    if (!(error instanceof AppError) || error.problems.length === 0) throw error
  }
}

/** The reason recorded on the decision: why the call is late and the place outside the zone. */
function relayReason({ reference, fromName }: RelayRow): string {
  return `Relais de l’alerte ${reference} (${fromName})`
}

/** Removes the reference of the other scheme from a text; the new alert adds its own. */
export function withoutReference(text: string, reference: string): string {
  return text
    .replace(new RegExp(`\\s*R[ée]f\\.?\\s*${reference}`, 'g'), '')
    .replaceAll(reference, '')
    .trim()
}

/** Declines a relay. @throws AppError `not_found`, `relay_decided` */
export async function declineRelay(
  deps: RelayDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  input: DeclineRelay,
): Promise<RelayView> {
  authorize(actor, 'relay.decide', schemeId)
  return closeRelay(deps, actor, schemeId, id, {
    act: 'decline',
    mine: (row) => row.toSchemeId === schemeId,
    reason: input.reason,
  })
}

/**
 * Withdraws a relay that is not decided yet.
 * @throws AppError `not_found`, `relay_decided`
 */
export async function withdrawRelay(
  deps: RelayDeps,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<RelayView> {
  authorize(actor, 'relay.propose', schemeId)
  return closeRelay(deps, actor, schemeId, id, {
    act: 'withdraw',
    mine: (row) => row.fromSchemeId === schemeId,
  })
}

async function closeRelay(
  deps: RelayDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  {
    act,
    mine,
    reason,
  }: {
    readonly act: 'decline' | 'withdraw'
    readonly mine: (row: RelayRow) => boolean
    readonly reason?: string | undefined
  },
): Promise<RelayView> {
  const at = deps.now()
  const relay = await inScheme(deps.db, schemeId, async (tx) => {
    const relay = await lockUndecidedRelay(tx, id, act, mine)
    await updateRelay(tx, id, {
      state: relayTransitions.proposed[act]!,
      decidedAt: at,
      decidedBy: (await signatureOf(tx, actor, schemeId)).text,
      ...(reason === undefined ? {} : { declineReason: reason }),
    })
    await recordAudit(tx, schemeId, at, {
      actor: actorName(actor),
      action: `relay.${act}`,
      subject: `relay:${id}`,
      details: { from: relay.fromSchemeId, to: relay.toSchemeId, reference: relay.reference },
    })
    return relay
  })
  publishRelay(deps, relay)
  return getRelay(deps, actor, schemeId, id)
}

/**
 * Locks a relay that this scheme may still accept, decline or withdraw.
 * @throws AppError `not_found`, also when the act belongs to the other scheme; `relay_decided`
 */
async function lockUndecidedRelay(
  tx: Tx,
  id: string,
  act: 'accept' | 'decline' | 'withdraw',
  mine: (row: RelayRow) => boolean,
): Promise<RelayRow> {
  const relay = await lockRelay(tx, id)
  if (relay === undefined || !mine(relay)) throw new AppError('not_found')
  if (relayTransitions[relay.state][act] === undefined) throw new AppError('relay_decided')
  return relay
}

async function getRelay(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<RelayView> {
  const { relays } = await listRelays(deps, actor, schemeId, {})
  const relay = relays.find((one) => one.id === id)
  if (relay === undefined) throw new AppError('not_found')
  return relay
}

function publishRelay({ live }: Pick<Deps, 'live'>, relay: RelayRow): void {
  for (const schemeId of [relay.fromSchemeId, relay.toSchemeId]) {
    live.publish({ type: 'relay', schemeId })
  }
}
