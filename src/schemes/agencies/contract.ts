import { z } from 'zod'
import { ClientId, nameSchemas } from '../../platform/http/endpoints.ts'
import { AgencyView } from '../contract.ts'

/** Maximum number of agencies of a scheme. */
export const MAX_AGENCIES = 60
const AgencyName = z.string().trim().min(1).max(120)

/** POST /api/schemes/:scheme/agencies */
export const NewAgency = z.object({
  /** Chosen by the client, so that a request whose answer was lost can be sent again (ADR 22). */
  id: ClientId.optional(),
  name: AgencyName,
  kind: AgencyView.shape.kind,
})
export type NewAgency = z.infer<typeof NewAgency>

/** PATCH /api/schemes/:scheme/agencies/:id */
export const AgencyChange = z.object({
  name: AgencyName,
  /** The name that was read; the change is refused if it is another one by now. */
  was: z.string().max(200),
})
export type AgencyChange = z.infer<typeof AgencyChange>

nameSchemas({ AgencyChange, NewAgency })
