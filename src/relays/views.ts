import type { RelayStep, RelayView } from './contract.ts'
import type { OwnAlert, RelayRow, SharedAlert, SharedMessage } from './store.ts'

interface SharedFacts {
  readonly alerts: readonly SharedAlert[]
  readonly messages: readonly SharedMessage[]
  readonly schemes: ReadonlyMap<string, string>
}

/** Builds the view of a relay for one of its two schemes. */
export function toRelayView(
  row: RelayRow & { readonly communeName: string },
  schemeId: string,
  own: OwnAlert | undefined,
  shared: SharedFacts,
): RelayView {
  const direction = row.fromSchemeId === schemeId ? 'out' : 'in'
  const otherId = direction === 'out' ? row.toSchemeId : row.fromSchemeId
  const other = shared.alerts.find((alert) => alert.relayId === row.id && alert.schemeId === otherId)
  return {
    id: row.id,
    direction,
    scheme: toSchemeName(shared, otherId),
    state: row.state,
    note: row.note,
    reference: row.reference,
    text: row.text,
    level: row.level,
    category: {
      code: row.categoryCode,
      labelFr: row.labelFr,
      labelEn: row.labelEn,
      severity: row.severity,
    },
    commune: { code: row.communeCode, name: row.communeName },
    calledAt: row.calledAt.toISOString(),
    occurredAt: row.occurredAt.toISOString(),
    exercise: row.exercise,
    proposedAt: row.proposedAt.toISOString(),
    proposedBy: row.proposedBy,
    decidedAt: row.decidedAt?.toISOString() ?? null,
    decidedBy: row.decidedBy,
    declineReason: row.declineReason,
    own: {
      reportId: direction === 'in' ? row.toReportId : null,
      alert: own === undefined ? null : { id: own.id, reference: own.reference, state: own.state },
    },
    other:
      other === undefined
        ? null
        : {
            reference: other.reference,
            state: other.state,
            orderedAt: other.orderedAt.toISOString(),
          },
    history: toRelayHistory(row, shared),
  }
}

function toSchemeName({ schemes }: SharedFacts, id: string): { id: string; name: string } {
  return { id, name: schemes.get(id) ?? id }
}

const closings = { ended: 'ended', expired: 'expired', cancelled: 'cancelled' } as const

/**
 * Builds the steps of both schemes in chronological order. The texts of the proposing scheme are included only
 * once the relay was accepted.
 */
function toRelayHistory(row: RelayRow, shared: SharedFacts): RelayStep[] {
  const steps: RelayStep[] = []
  const add = (
    at: Date | null,
    schemeId: string,
    kind: RelayStep['kind'],
    more: Partial<Pick<RelayStep, 'by' | 'reason' | 'text'>> = {},
  ) => {
    if (at === null) return
    steps.push({
      at: at.toISOString(),
      scheme: toSchemeName(shared, schemeId),
      kind,
      by: null,
      reason: null,
      text: null,
      ...more,
    })
  }
  add(row.calledAt, row.fromSchemeId, 'called')
  for (const message of shared.messages) {
    if (message.relayId !== row.id) continue
    const isShared = message.schemeId === row.fromSchemeId && row.state === 'accepted'
    add(message.orderedAt, message.schemeId, message.kind, { text: isShared ? message.text : null })
  }
  add(row.proposedAt, row.fromSchemeId, 'proposed', { by: row.proposedBy, reason: row.note })
  if (row.state !== 'proposed') {
    const byOther = row.state !== 'withdrawn'
    add(row.decidedAt, byOther ? row.toSchemeId : row.fromSchemeId, row.state, {
      by: row.decidedBy,
      reason: row.declineReason,
    })
  }
  for (const alert of shared.alerts) {
    if (alert.relayId !== row.id || !(alert.state in closings)) continue
    add(alert.closedAt, alert.schemeId, closings[alert.state as keyof typeof closings])
  }
  // The sort is stable: steps of the same instant keep the order above.
  return steps.sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
}
