import type { Deps } from '../deps.ts'
import { type App, addEndpoint } from '../platform/http/http.ts'
import { getDoctrineSettings, getScheme, setDoctrine } from './actions.ts'
import { schemeEndpoints } from './endpoints.ts'
import { createScheme, exportScheme, listAllSchemes } from './file/create.ts'
import { getAccessSettings, setAccessSettings } from './settings/access.ts'
import { setSchemeGeneral } from './settings/general.ts'
import { getServiceTexts, setServiceTexts } from './texts/texts.ts'

export function schemeRoutes(
  app: App,
  deps: Pick<Deps, 'db' | 'database' | 'now' | 'newId' | 'jobs' | 'mailer' | 'config' | 'live'>,
): void {
  addEndpoint(app, schemeEndpoints.getScheme, (request) =>
    getScheme(deps, request.actor, request.params.scheme),
  )

  addEndpoint(app, schemeEndpoints.listAllSchemes, ({ actor }) => listAllSchemes(deps, actor))

  addEndpoint(app, schemeEndpoints.createScheme, ({ actor, body: { id, file, from, dryRun } }) =>
    createScheme(deps, actor, file, { from, dryRun, request: id }),
  )

  addEndpoint(app, schemeEndpoints.exportSchemeFile, async ({ actor, params: { scheme } }, reply) => {
    const file = await exportScheme(deps, actor, scheme)
    return reply
      .header('content-disposition', `attachment; filename="${scheme}.json"`)
      .type('application/json; charset=utf-8')
      .send(`${JSON.stringify(file, null, 2)}\n`)
  })

  addEndpoint(app, schemeEndpoints.setSchemeGeneral, ({ actor, params, body: { reason, ...settings } }) =>
    setSchemeGeneral(deps, actor, params.scheme, settings, reason),
  )

  addEndpoint(app, schemeEndpoints.getDoctrineSettings, (request) =>
    getDoctrineSettings(deps, request.actor, request.params.scheme),
  )

  addEndpoint(app, schemeEndpoints.setDoctrine, ({ actor, params, body: { version, reason, ...doctrine } }) =>
    setDoctrine(deps, actor, params.scheme, doctrine, { version, reason }),
  )

  addEndpoint(app, schemeEndpoints.getServiceTexts, ({ actor, params }) =>
    getServiceTexts(deps, actor, params.scheme),
  )

  addEndpoint(app, schemeEndpoints.setServiceTexts, ({ actor, params, body: { reason, ...texts } }) =>
    setServiceTexts(deps, actor, params.scheme, texts, reason),
  )

  addEndpoint(app, schemeEndpoints.getAccessSettings, ({ actor, params }) =>
    getAccessSettings(deps, actor, params.scheme),
  )

  addEndpoint(app, schemeEndpoints.setAccessSettings, ({ actor, params, body: { reason, ...settings } }) =>
    setAccessSettings(deps, actor, params.scheme, settings, reason),
  )
}
