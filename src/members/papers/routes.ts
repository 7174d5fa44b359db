import type { FastifyReply } from 'fastify'
import type { Deps } from '../../deps.ts'
import { type App, addEndpoint } from '../../platform/http.ts'
import { getCertificate, getOwnCertificate, getOwnSticker, getSticker } from './actions.ts'
import { ownPaperEndpoints, paperEndpoints } from './endpoints.ts'

function sendPdf(reply: FastifyReply, name: string, pdf: Buffer): FastifyReply {
  return reply
    .type('application/pdf')
    .headers({ 'content-disposition': `inline; filename="${name}"`, 'cache-control': 'no-store' })
    .send(pdf)
}

/** Endpoints of certificates and stickers, as PDF: for the chamber, and for the members themselves. */
export function paperRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'config'>): void {
  addEndpoint(app, paperEndpoints.getCertificate, async ({ actor, params }, reply) =>
    sendPdf(reply, 'attestation.pdf', await getCertificate(deps, actor, params.scheme, params.id)),
  )

  addEndpoint(app, paperEndpoints.getSticker, async ({ actor, params }, reply) =>
    sendPdf(reply, 'autocollant.pdf', await getSticker(deps, actor, params.scheme)),
  )

  addEndpoint(app, ownPaperEndpoints.getOwnCertificate, async ({ actor, params }, reply) => {
    const of = { schemeId: params.scheme, memberId: params.member }
    return sendPdf(reply, 'attestation.pdf', await getOwnCertificate(deps, actor, of))
  })

  addEndpoint(app, ownPaperEndpoints.getOwnSticker, async ({ actor, params }, reply) => {
    const of = { schemeId: params.scheme, memberId: params.member }
    return sendPdf(reply, 'autocollant.pdf', await getOwnSticker(deps, actor, of))
  })
}
