import type { Deps } from '../../deps.ts'
import { type App, addEndpoint, langOfRequest } from '../../platform/http/http.ts'
import { sendPdf } from '../../platform/http/pdf-reply.ts'
import { getCertificate, getOwnCertificate, getOwnSticker, getSticker } from './actions.ts'
import { ownPaperEndpoints, paperEndpoints } from './endpoints.ts'

/** Endpoints of certificates and stickers, as PDF: for the chamber, and for the members themselves. */
export function paperRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'config'>): void {
  addEndpoint(app, paperEndpoints.getCertificate, async (request, reply) =>
    sendPdf(
      reply,
      'attestation.pdf',
      await getCertificate(
        deps,
        request.actor,
        request.params.scheme,
        request.params.id,
        langOfRequest(request),
      ),
    ),
  )

  addEndpoint(app, paperEndpoints.getSticker, async (request, reply) =>
    sendPdf(
      reply,
      'autocollant.pdf',
      await getSticker(deps, request.actor, request.params.scheme, langOfRequest(request)),
    ),
  )

  addEndpoint(app, ownPaperEndpoints.getOwnCertificate, async (request, reply) => {
    const of = { schemeId: request.params.scheme, memberId: request.params.member }
    return sendPdf(
      reply,
      'attestation.pdf',
      await getOwnCertificate(deps, request.actor, of, langOfRequest(request)),
    )
  })

  addEndpoint(app, ownPaperEndpoints.getOwnSticker, async (request, reply) => {
    const of = { schemeId: request.params.scheme, memberId: request.params.member }
    return sendPdf(
      reply,
      'autocollant.pdf',
      await getOwnSticker(deps, request.actor, of, langOfRequest(request)),
    )
  })
}
