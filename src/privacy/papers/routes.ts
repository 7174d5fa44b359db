import { type App, addEndpoint } from '../../platform/http/http.ts'
import type { RetentionDeps } from '../retention/actions.ts'
import { getPaperOdt, getPaperPdf, getRegister } from './actions.ts'
import type { PaperName } from './contract.ts'
import { privacyPaperEndpoints } from './endpoints.ts'

/** File names of the papers, in French as the papers are. */
const FILES: Readonly<Record<PaperName, string>> = {
  register: 'registre',
  dpia: 'analyse-impact',
  notice: 'notice',
}

/** Serves the record of processing, the draft impact assessment and the privacy notice as files. */
export function privacyPaperRoutes(app: App, deps: RetentionDeps): void {
  addEndpoint(app, privacyPaperEndpoints.getPaperPdf, async ({ actor, params }, reply) => {
    const pdf = await getPaperPdf(deps, actor, params.scheme, params.paper)
    return reply
      .type('application/pdf')
      .headers({
        'content-disposition': `inline; filename="${FILES[params.paper]}-${params.scheme}.pdf"`,
        'cache-control': 'no-store',
      })
      .send(pdf)
  })

  addEndpoint(app, privacyPaperEndpoints.getPaperOdt, async ({ actor, params }, reply) => {
    const odt = await getPaperOdt(deps, actor, params.scheme, params.paper)
    return reply
      .type('application/vnd.oasis.opendocument.text')
      .headers({
        'content-disposition': `attachment; filename="${FILES[params.paper]}-${params.scheme}.odt"`,
        'cache-control': 'no-store',
      })
      .send(odt)
  })

  addEndpoint(app, privacyPaperEndpoints.getRegister, async ({ actor, params }, reply) =>
    reply
      .type('text/markdown; charset=utf-8')
      .header('content-disposition', `attachment; filename="registre-${params.scheme}.md"`)
      .send(await getRegister(deps, actor, params.scheme)),
  )
}
