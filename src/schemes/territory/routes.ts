import type { Deps } from '../../deps.ts'
import { type App, addEndpoint } from '../../platform/http/http.ts'
import { previewTerritory, searchTerritoryParts } from './actions.ts'
import { territorySettingEndpoints } from './endpoints.ts'

export function territorySettingRoutes(app: App, deps: Pick<Deps, 'db'>): void {
  addEndpoint(app, territorySettingEndpoints.searchTerritoryParts, async ({ actor, params, query }) => ({
    parts: await searchTerritoryParts(deps, actor, params.scheme, query.q),
  }))

  addEndpoint(app, territorySettingEndpoints.previewTerritory, ({ actor, params, body }) =>
    previewTerritory(deps, actor, params.scheme, body.territory),
  )
}
