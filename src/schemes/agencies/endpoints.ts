import { z } from 'zod'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import { AgencyView, SchemeCode } from '../contract.ts'
import { AgencyChange, NewAgency } from './contract.ts'

const InScheme = z.object({ scheme: SchemeCode })

export const agencyEndpoints = declareEndpoints('schemes', {
  createAgency: {
    method: 'POST',
    path: '/api/schemes/:scheme/agencies',
    permission: 'zone.manage',
    needsFactor: true,
    summary: 'Add an agency, which acts in the whole territory until it has a zone',
    params: InScheme,
    body: NewAgency,
    answer: AgencyView,
  },
  renameAgency: {
    method: 'PATCH',
    path: '/api/schemes/:scheme/agencies/:id',
    permission: 'zone.manage',
    needsFactor: true,
    summary: 'Rename an agency',
    params: InScheme.extend({ id: z.uuid() }),
    body: AgencyChange,
    answer: AgencyView,
  },
})
