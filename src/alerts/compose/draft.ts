import { findAuditActor, recordAudit } from '../../audit/record.ts'
import { findRepeated } from '../../audit/repeat.ts'
import { isSimulated } from '../../deliveries/simulation.ts'
import { listBroadcasts } from '../../deliveries/store.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem, refusalOf } from '../../errors.ts'
import { yearIn } from '../../message/clock.ts'
import { markExercise } from '../../message/exercise.ts'
import { withReference } from '../../message/reference.ts'
import { type Segmentation, segmentMessage } from '../../message/segment.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { sortKeys } from '../../platform/canonical.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { lockWaitingReport } from '../../reports/actions.ts'
import { signatureOf } from '../../reports/signature.ts'
import { findCategory } from '../../reports/store.ts'
import type { ContentLevel } from '../../schemes/doctrine.ts'
import type { Area } from '../../territory/contract.ts'
import { areaWords } from '../../territory/places/rules.ts'
import { type AreaContext, checkArea, describeArea } from '../../territory/store/areas.ts'
import { voidAuthorisation } from '../approval/authorisations.ts'
import { endDecisionCalls } from '../approval/calls.ts'
import { findAudienceHashes } from '../audience/audience.ts'
import type { AlertDraft, AlertView, ChangedAlert, NewAlert } from '../contract.ts'
import { alertViewOf } from '../live/views.ts'
import { recordAlertEvent } from '../order/events.ts'
import { draftRefusals, expiryOf, formatReference } from '../rules.ts'
import { type AlertEvent, nextState } from '../states.ts'
import {
  type AlertRow,
  type DraftContent,
  findAlert,
  findSchemeFacts,
  insertAlert,
  type LockedAlert,
  lockAlert,
  lockDraftOfReport,
  type SchemeFacts,
  takeNumber,
  updateDraft,
  updateState,
} from '../store.ts'
import { contentHash } from './content.ts'
import { zoneOf } from './zone.ts'

type DraftDeps = Pick<Deps, 'db' | 'now' | 'newId' | 'live' | 'config'>

/**
 * Creates the draft of a waiting report. If the report already has a draft, its content is replaced.
 * The same request with the same id again returns the alert that it created.
 * @throws AppError `not_found`, `already_decided`, `id_taken`, `alert_changed` when another user replaced the draft
 * meanwhile, or every problem of the draft at once.
 */
export async function createAlert(
  deps: DraftDeps,
  actor: Actor,
  schemeId: string,
  input: NewAlert,
): Promise<AlertView> {
  authorize(actor, 'alert.compose', schemeId)
  const now = deps.now()
  const { view, changed } = await inScheme(deps.db, schemeId, async (tx) => {
    const repeated = await findRepeated(tx, schemeId, {
      id: input.id,
      creator: actorName(actor),
      find: (id) => lockAlert(tx, schemeId, id),
      isSame: (alert) => hasContentOf(alert, input),
      creatorOf: ({ id }) =>
        findAuditActor(tx, schemeId, { action: 'alert.compose', subject: `alert:${id}` }),
    })
    if (repeated !== undefined) {
      const alert = await getAlertRow(tx, schemeId, repeated.id)
      const broadcasts = await listBroadcasts(tx, schemeId, [alert.id])
      return { view: alertViewOf(alert, broadcasts.get(alert.id) ?? [], 'precise'), changed: false }
    }
    const report = await lockWaitingReport(tx, schemeId, input.reportId)
    const scheme = await getSchemeFacts(tx, schemeId)
    const { text: by, agencyId } = await signatureOf(tx, actor, schemeId)
    const draft = await lockDraftOfReport(tx, schemeId, input.reportId)
    if (draft !== undefined) {
      requireEvent(draft, 'change')
      const result = await changeDraft(tx, actor, schemeId, { scheme, draft, input, at: now })
      // A new alert names no version, so it may not replace what another user wrote: the transaction is rolled back.
      if (result.changed && (draft.changedBy ?? draft.createdBy) !== by) throw new AppError('alert_changed')
      return result
    }
    const year = yearIn(scheme.timeZone, now)
    const number = await takeNumber(tx, schemeId, year, report.exercise)
    const reference = formatReference(scheme.referencePrefix, year, number, report.exercise)
    const traced = scheme.doctrine.leakTracing
    const category = await findCategory(tx, schemeId, report.categoryCode)
    const answered = withAnswers(
      withExerciseMark(report, input),
      newAnswers(category?.level ?? 'established'),
    )
    const content = await contentOf(tx, schemeId, scheme, { ...answered, reference, traced }, now)
    const id = input.id ?? deps.newId()
    const isInserted = await insertAlert(tx, {
      schemeId,
      id,
      reference,
      reportId: input.reportId,
      categoryCode: report.categoryCode,
      severity: category?.severity ?? 'alert',
      simulated: report.exercise || isSimulated(deps.config.demo, deps.config.gateways),
      exercise: report.exercise,
      traced,
      createdAt: now,
      createdBy: by,
      authorIds: authorsWith([], actor),
      ...content,
      ...(await zoneOf(tx, { schemeId, territory: scheme.territory }, agencyId, report)),
    })
    // The same id at the same time, for another report.
    if (!isInserted) throw new AppError('id_taken')
    const created = await getDraftView(tx, schemeId, id)
    await recordAudit(tx, schemeId, now, {
      actor: actorName(actor),
      action: 'alert.compose',
      subject: `alert:${id}`,
      details: {
        reference,
        report: input.reportId,
        area: content.area,
        trades: content.trades,
        exercise: report.exercise,
        doctrine: content.doctrine,
        contentHash: created.contentHash,
      },
    })
    return { view: created, changed: true }
  })
  if (changed) deps.live.publish({ type: 'alert', schemeId, alertId: view.id })
  return view
}

/** Tells whether an alert has the content of a request. Values that the server filled in are not compared. */
function hasContentOf(alert: LockedAlert, input: NewAlert): boolean {
  const { doctrine, outsideZoneReason, lifetimeHours } = input
  const key = (value: unknown) => JSON.stringify(sortKeys(value))
  const trades = (codes: readonly string[]) => key([...new Set(codes)].sort())
  return (
    alert.reportId === input.reportId &&
    alert.text === withExerciseMark(alert, input).text.trim() &&
    key(alert.area) === key(input.area) &&
    trades(alert.trades) === trades(input.trades) &&
    (doctrine === undefined || key(alert.doctrine) === key(doctrine)) &&
    (outsideZoneReason === undefined || (alert.outsideZoneReason ?? '') === outsideZoneReason) &&
    // An order and its follow-ups move the expiry.
    (lifetimeHours === undefined ||
      alert.orderedAt !== null ||
      alert.expiresAt.getTime() === expiryOf(alert.createdAt, lifetimeHours).getTime())
  )
}

/**
 * Changes a draft and increments its version; absent fields are unchanged, and an identical content changes nothing.
 * @throws AppError `not_found`, `alert_not_draft`, `wrong_state`, `alert_changed`, or every problem of the draft.
 */
export async function updateAlert(
  deps: DraftDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  input: ChangedAlert,
): Promise<AlertView> {
  authorize(actor, 'alert.compose', schemeId)
  const now = deps.now()
  const { view, changed } = await inScheme(deps.db, schemeId, async (tx) => {
    const draft = await getDraft(tx, schemeId, id, 'change')
    if (draft.version !== input.version) throw new AppError('alert_changed')
    const scheme = await getSchemeFacts(tx, schemeId)
    const { text = draft.text, area = draft.area, trades = draft.trades } = input
    return changeDraft(tx, actor, schemeId, {
      scheme,
      draft,
      input: { ...input, text, area, trades },
      at: now,
    })
  })
  if (changed) deps.live.publish({ type: 'alert', schemeId, alertId: id })
  return view
}

/**
 * Discards a draft: its report waits again.
 * @throws AppError `not_found`, `alert_not_draft`, `wrong_state`
 */
export async function discardAlert(
  deps: Pick<Deps, 'db' | 'now' | 'live'>,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<AlertView> {
  authorize(actor, 'alert.compose', schemeId)
  const now = deps.now()
  const view = await inScheme(deps.db, schemeId, async (tx) => {
    const draft = await getDraft(tx, schemeId, id, 'discard')
    const by = (await signatureOf(tx, actor, schemeId)).text
    await discardLocked(tx, actor, schemeId, draft.id, { at: now, by })
    return getDraftView(tx, schemeId, id)
  })
  deps.live.publish({ type: 'alert', schemeId, alertId: id })
  deps.live.publish({ type: 'report', schemeId, reportId: view.reportId })
  return view
}

/** Discards the draft, if any, of a report that will not be broadcast. */
export async function discardDraftOf(
  deps: Pick<Deps, 'db' | 'now' | 'live'>,
  actor: Actor,
  schemeId: string,
  reportId: string,
): Promise<void> {
  authorize(actor, 'alert.compose', schemeId)
  const now = deps.now()
  const id = await inScheme(deps.db, schemeId, async (tx) => {
    const draft = await lockDraftOfReport(tx, schemeId, reportId)
    if (draft === undefined) return undefined
    if (nextState(draft.state, 'discard') === undefined) return undefined
    await discardLocked(tx, actor, schemeId, draft.id, { at: now, by: actorName(actor) })
    return draft.id
  })
  if (id !== undefined) deps.live.publish({ type: 'alert', schemeId, alertId: id })
}

async function discardLocked(
  tx: Tx,
  actor: Actor,
  schemeId: string,
  id: string,
  closed: { readonly at: Date; readonly by: string },
): Promise<void> {
  await updateState(tx, schemeId, id, 'discarded', closed)
  await endDecisionCalls(tx, { schemeId, alertId: id, followUpId: null }, { at: closed.at, why: 'discarded' })
  await recordAudit(tx, schemeId, closed.at, {
    actor: actorName(actor),
    action: 'alert.discard',
    subject: `alert:${id}`,
  })
}

/**
 * Replaces the content of a draft. A submitted alert becomes a draft again, and the prosecutor's authorisation becomes void if it
 * covers another content.
 */
async function changeDraft(
  tx: Tx,
  actor: Actor,
  schemeId: string,
  {
    scheme,
    draft,
    input,
    at,
  }: {
    readonly scheme: SchemeFacts
    readonly draft: LockedAlert
    readonly input: AlertDraft
    readonly at: Date
  },
): Promise<{ view: AlertView; changed: boolean }> {
  const { reference, traced } = draft
  const content = await contentOf(
    tx,
    schemeId,
    scheme,
    { ...withAnswers(withExerciseMark(draft, input), draft), reference, traced },
    draft.createdAt,
  )
  if (input.lifetimeHours === undefined) content.expiresAt = draft.expiresAt
  if (sameContent(draft, content)) return { view: await getDraftView(tx, schemeId, draft.id), changed: false }
  const { text: by, agencyId } = await signatureOf(tx, actor, schemeId)
  const before = await getAlertRow(tx, schemeId, draft.id)
  const context = { schemeId, territory: scheme.territory }
  const zone = await zoneOf(tx, context, agencyId ?? draft.agencyId, before)
  const authorIds = authorsWith(draft.authorIds, actor)
  await updateDraft(tx, schemeId, draft.id, { ...content, ...zone }, { at, by, authorIds })
  if (draft.state === 'submitted') {
    await recordAlertEvent(tx, schemeId, draft.id, { at, kind: 'taken_back', by })
  }
  const after = await getAlertRow(tx, schemeId, draft.id)
  const hasNewContent = contentHash(after) !== contentHash(before)
  // A decision is asked for one content.
  if (draft.state === 'submitted' || hasNewContent)
    await endDecisionCalls(tx, { schemeId, alertId: draft.id, followUpId: null }, { at, why: 'changed' })
  if (hasNewContent) {
    const isVoid = await voidAuthorisation(tx, schemeId, { alertId: draft.id }, { at, why: 'changed' })
    if (isVoid) {
      await recordAlertEvent(tx, schemeId, draft.id, { at, kind: 'authorisation_void', by })
    }
  }
  const view = await getDraftView(tx, schemeId, draft.id)
  await recordAudit(tx, schemeId, at, {
    actor: actorName(actor),
    action: 'alert.change',
    subject: `alert:${draft.id}`,
    details: {
      version: view.version,
      area: content.area,
      trades: content.trades,
      doctrine: content.doctrine,
      contentHash: view.contentHash,
    },
  })
  return { view, changed: true }
}

/** Returns the draft; for an exercise, with the word that marks it in its text. */
function withExerciseMark(of: { readonly exercise: boolean }, input: AlertDraft): AlertDraft {
  return of.exercise ? { ...input, text: markExercise(input.text) } : input
}

/** Returns the unanswered questions of a new draft, which cannot leave until they are answered. */
function newAnswers(level: ContentLevel): Pick<DraftContent, 'doctrine' | 'outsideZoneReason'> {
  return { doctrine: { offence: null, arrested: null, level }, outsideZoneReason: null }
}

type Answered = AlertDraft & Pick<DraftContent, 'doctrine' | 'outsideZoneReason'>

function withAnswers(
  input: AlertDraft,
  before: Pick<DraftContent, 'doctrine' | 'outsideZoneReason'>,
): Omit<Answered, 'outsideZoneReason'> & Pick<DraftContent, 'outsideZoneReason'> {
  return {
    ...input,
    doctrine: input.doctrine ?? before.doctrine,
    outsideZoneReason:
      input.outsideZoneReason === undefined ? before.outsideZoneReason : input.outsideZoneReason || null,
  }
}

/** Adds an account to the authors of an alert or a follow-up. */
export function authorsWith(authorIds: readonly string[], actor: Actor): string[] {
  return [...new Set(actor.kind === 'user' ? [...authorIds, actor.userId] : authorIds)]
}

function sameContent(a: DraftContent, b: DraftContent): boolean {
  const key = ({ text, areaLabel, trades, expiresAt, outsideZoneReason, area, doctrine }: DraftContent) =>
    JSON.stringify(
      sortKeys([text, areaLabel, trades, expiresAt.toISOString(), outsideZoneReason, area, doctrine]),
    )
  return key(a) === key(b) && a.audienceHash === b.audienceHash
}

/** @throws AppError with every problem of the draft at once. */
async function contentOf(
  tx: Tx,
  schemeId: string,
  scheme: SchemeFacts,
  input: ReturnType<typeof withAnswers> & { readonly reference: string; readonly traced: boolean },
  from: Date,
): Promise<{ -readonly [K in keyof DraftContent]: DraftContent[K] }> {
  const context: AreaContext = { schemeId, territory: scheme.territory }
  const segmentation = segmentMessage(withReference(input.text, input.reference, input.traced), {
    fold: true,
  })
  const problems = await draftProblems(tx, context, scheme, input, segmentation)
  if (problems.length > 0) throw refusalOf(problems)
  const [audienceHash = ''] = await findAudienceHashes(tx, [{ audience: input, context }])
  return {
    text: input.text.trim(),
    area: input.area,
    areaLabel: areaWords(await describeArea(tx, context, input.area)),
    trades: [...new Set(input.trades)],
    expiresAt: expiryOf(from, input.lifetimeHours ?? scheme.alertLifetimeHours),
    doctrine: input.doctrine,
    outsideZoneReason: input.outsideZoneReason,
    audienceHash,
  }
}

/** Lists every problem for which a draft is refused. The doctrine is checked when it is sent. */
async function draftProblems(
  tx: Tx,
  context: AreaContext,
  scheme: SchemeFacts,
  draft: { readonly text: string; readonly trades: readonly string[]; readonly area: Area },
  segmentation: Segmentation,
): Promise<Problem[]> {
  return [
    ...draftRefusals(draft, segmentation, scheme.trades),
    ...(await areaProblems(tx, context, draft.area)),
  ]
}

async function areaProblems(tx: Tx, context: AreaContext, area: Area): Promise<readonly Problem[]> {
  try {
    await checkArea(tx, context, area)
    return []
  } catch (error) {
    if (error instanceof AppError && error.problems.length > 0) return error.problems
    throw error
  }
}

/** @throws AppError `unknown_scheme` */
export async function getSchemeFacts(tx: Tx, schemeId: string): Promise<SchemeFacts> {
  const scheme = await findSchemeFacts(tx, schemeId)
  if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  return scheme
}

/**
 * Locks an alert that has not left and to which the event can happen.
 * @throws AppError `not_found`; `alert_not_draft` when it has left, `wrong_state` otherwise.
 */
export async function getDraft(
  tx: Tx,
  schemeId: string,
  id: string,
  event: AlertEvent,
): Promise<LockedAlert> {
  const alert = await lockAlert(tx, schemeId, id)
  if (alert === undefined) throw new AppError('not_found')
  requireEvent(alert, event)
  return alert
}

/** @throws AppError `alert_not_draft` when it has left, `wrong_state` when the event cannot happen to it otherwise */
export function requireEvent(alert: Pick<LockedAlert, 'state' | 'orderedAt'>, event: AlertEvent): void {
  if (nextState(alert.state, event) !== undefined) return
  throw new AppError(alert.orderedAt === null ? 'wrong_state' : 'alert_not_draft')
}

/** @throws AppError `not_found` */
export async function getAlertRow(tx: Tx, schemeId: string, id: string): Promise<AlertRow> {
  const row = await findAlert(tx, schemeId, id)
  if (row === undefined) throw new AppError('not_found')
  return row
}

async function getDraftView(tx: Tx, schemeId: string, id: string): Promise<AlertView> {
  return alertViewOf(await getAlertRow(tx, schemeId, id), [], 'precise')
}
