import type { BroadcastProgress } from '../deliveries/store.ts'
import type { AlertEvent, AlertView } from './contract.ts'
import type { AlertRow } from './store.ts'

/** An alert as those who run the scheme see it. */
export function viewOf(row: AlertRow, broadcast: BroadcastProgress | undefined): AlertView {
  return {
    id: row.id,
    reference: row.reference,
    version: row.version,
    state: row.state,
    category: {
      code: row.categoryCode,
      labelFr: row.labelFr,
      labelEn: row.labelEn,
      severity: row.severity,
    },
    commune: { code: row.communeCode, name: row.communeName },
    reportId: row.reportId,
    text: row.text,
    sentText: broadcast?.text ?? null,
    parts: broadcast?.parts ?? null,
    sender: broadcast?.sender ?? row.sender,
    area: row.area,
    areaLabel: row.areaLabel,
    trades: row.trades,
    simulated: row.simulated,
    exercise: row.exercise,
    calledAt: row.calledAt.toISOString(),
    createdAt: row.createdAt.toISOString(),
    createdBy: row.createdBy,
    orderedAt: row.orderedAt?.toISOString() ?? null,
    orderedBy: row.orderedBy,
    expiresAt: row.expiresAt.toISOString(),
    closedAt: row.closedAt?.toISOString() ?? null,
    closedBy: row.closedBy,
    progress: broadcast?.progress ?? null,
  }
}

/** The same for a member who received it: the scheme speaks, not the person on duty; how it went to others is not told. */
export function memberViewOf(row: AlertRow, broadcast: BroadcastProgress | undefined): AlertView {
  const view = viewOf(row, broadcast)
  return {
    ...view,
    text: broadcast?.text ?? row.text,
    createdBy: row.schemeName,
    orderedBy: row.schemeName,
    closedBy: row.closedBy === null ? null : row.schemeName,
    progress: null,
  }
}

const closings = { cancelled: 'stopped', ended: 'ended', expired: 'expired' } as const

/** What happened to an alert, in the order it happened. */
export function eventsOf(row: AlertRow, broadcast: BroadcastProgress | undefined): AlertEvent[] {
  const events: AlertEvent[] = []
  const add = (kind: AlertEvent['kind'], at: Date | null, by: string | null) => {
    if (at !== null) events.push({ at: at.toISOString(), kind, by })
  }
  add('called', row.calledAt, null)
  add('reported', row.reportedAt, row.reportedBy)
  add('drafted', row.createdAt, row.createdBy)
  add('changed', row.changedAt, row.changedBy)
  add('ordered', row.orderedAt, row.orderedBy)
  if (broadcast !== undefined) {
    const { progress } = broadcast
    const after = (ms: number | null) => (ms === null ? null : new Date(Date.parse(progress.orderedAt) + ms))
    add('first_submit', after(progress.firstSubmitMs), null)
    add('all_accepted', after(progress.allAcceptedMs), null)
    add('done', after(progress.doneMs), null)
  }
  if (row.state in closings) add(closings[row.state as keyof typeof closings], row.closedAt, row.closedBy)
  // Stable: what bears the same instant stays in the order above.
  return events.sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
}

/** Of what happened, what a member is told: when it left and when it was over. */
export function memberEventsOf(events: readonly AlertEvent[]): AlertEvent[] {
  const told: readonly AlertEvent['kind'][] = ['ordered', 'stopped', 'ended', 'expired']
  return events.filter((event) => told.includes(event.kind)).map((event) => ({ ...event, by: null }))
}
