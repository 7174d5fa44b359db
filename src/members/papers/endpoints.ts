import { z } from 'zod'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import { SchemeCode } from '../../schemes/contract.ts'

const InScheme = z.object({ scheme: SchemeCode })
const InShop = InScheme.extend({ member: z.uuid() })

export const paperEndpoints = declareEndpoints('members', {
  getCertificate: {
    method: 'GET',
    path: '/api/schemes/:scheme/members/:id/certificate.pdf',
    permission: 'member.read',
    summary: 'Download the certificate of membership of a member as PDF',
    params: InScheme.extend({ id: z.uuid() }),
    produces: 'application/pdf',
  },
  getSticker: {
    method: 'GET',
    path: '/api/schemes/:scheme/sticker.pdf',
    permission: 'member.read',
    summary: 'Download the door sticker of the scheme’s members as PDF',
    params: InScheme,
    produces: 'application/pdf',
  },
})

export const ownPaperEndpoints = declareEndpoints('portal', {
  getOwnCertificate: {
    method: 'GET',
    path: '/api/portal/shops/:scheme/:member/certificate.pdf',
    permission: 'own.read',
    summary: 'Download the certificate of membership of a shop as PDF',
    params: InShop,
    produces: 'application/pdf',
  },
  getOwnSticker: {
    method: 'GET',
    path: '/api/portal/shops/:scheme/:member/sticker.pdf',
    permission: 'own.read',
    summary: 'Download the door sticker of a shop as PDF',
    params: InShop,
    produces: 'application/pdf',
  },
})
