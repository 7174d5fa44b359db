import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import type { Deps } from '../../deps.ts'
import type { App } from '../../platform/http.ts'
import { SchemeCode } from '../../schemes/contract.ts'
import { getCertificate, getOwnCertificate, getOwnSticker, getSticker } from './actions.ts'

const InScheme = z.object({ scheme: SchemeCode })
const InShop = InScheme.extend({ member: z.uuid() })

function sendPdf(reply: FastifyReply, name: string, pdf: Buffer): FastifyReply {
  return reply
    .type('application/pdf')
    .headers({ 'content-disposition': `inline; filename="${name}"`, 'cache-control': 'no-store' })
    .send(pdf)
}

/** Endpoints of certificates and stickers, as PDF: for the chamber, and for the members themselves. */
export function paperRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'config'>): void {
  app.get(
    '/api/schemes/:scheme/members/:id/certificate.pdf',
    {
      config: { permission: 'member.read' },
      schema: {
        tags: ['members'],
        summary: 'Certificate of membership, as PDF',
        params: InScheme.extend({ id: z.uuid() }),
      },
    },
    async ({ actor, params }, reply) =>
      sendPdf(reply, 'attestation.pdf', await getCertificate(deps, actor, params.scheme, params.id)),
  )

  app.get(
    '/api/schemes/:scheme/sticker.pdf',
    {
      config: { permission: 'member.read' },
      schema: {
        tags: ['members'],
        summary: 'Door sticker of the scheme’s members, as PDF',
        params: InScheme,
      },
    },
    async ({ actor, params }, reply) =>
      sendPdf(reply, 'autocollant.pdf', await getSticker(deps, actor, params.scheme)),
  )

  app.get(
    '/api/portal/shops/:scheme/:member/certificate.pdf',
    {
      config: { permission: 'own.read' },
      schema: { tags: ['portal'], summary: 'Certificate of a shop’s membership, as PDF', params: InShop },
    },
    async ({ actor, params }, reply) => {
      const of = { schemeId: params.scheme, memberId: params.member }
      return sendPdf(reply, 'attestation.pdf', await getOwnCertificate(deps, actor, of))
    },
  )

  app.get(
    '/api/portal/shops/:scheme/:member/sticker.pdf',
    {
      config: { permission: 'own.read' },
      schema: { tags: ['portal'], summary: 'Door sticker of a shop, as PDF', params: InShop },
    },
    async ({ actor, params }, reply) => {
      const of = { schemeId: params.scheme, memberId: params.member }
      return sendPdf(reply, 'autocollant.pdf', await getOwnSticker(deps, actor, of))
    },
  )
}
