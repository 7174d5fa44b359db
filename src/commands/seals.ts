import { alertSeals } from '../alerts/seals.ts'
import type { SealKind } from '../audit/seals.ts'
import { orderSeals, outcomeSeals, recipientSeals } from '../deliveries/seals.ts'
import { ledgerSeals, paymentSeals } from '../dues/seals.ts'
import { grantSeals } from '../identity/seals.ts'
import { reportSeals } from '../reports/seals.ts'

/** Every kind of facts that the audit log seals. */
export const SEALS: readonly SealKind[] = [
  grantSeals,
  reportSeals,
  alertSeals,
  orderSeals,
  recipientSeals,
  outcomeSeals,
  ledgerSeals,
  paymentSeals,
]
