import { alertSeals, orderSeals } from '../../alerts/seals.ts'
import type { SealKind } from '../../audit/seals.ts'
import { outcomeSeals, recipientSeals } from '../../deliveries/seals.ts'
import { cancellationSeals, ledgerSeals, paymentSeals } from '../../dues/seals.ts'
import { grantSeals } from '../../identity/seals.ts'
import { decisionSeals, reportSeals } from '../../reports/seals.ts'

/** Every kind of facts that the audit log seals. */
export const SEALS: readonly SealKind[] = [
  grantSeals,
  reportSeals,
  decisionSeals,
  alertSeals,
  orderSeals,
  recipientSeals,
  outcomeSeals,
  ledgerSeals,
  paymentSeals,
  cancellationSeals,
]
