import type { Deps } from '../deps.ts'
import { type App, addEndpoint } from '../platform/http/http.ts'
import {
  decideServiceMessage,
  listServiceMessages,
  previewServiceMessage,
  stopServiceMessage,
  writeServiceMessage,
} from './actions.ts'
import { serviceMessageEndpoints } from './endpoints.ts'
import { getMessageSettings, setMessageSettings } from './settings.ts'

/** Registers the endpoints of messages from chambers to groups of members. */
export function serviceMessageRoutes(
  app: App,
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'config' | 'mailer'>,
): void {
  addEndpoint(app, serviceMessageEndpoints.listServiceMessages, (request) =>
    listServiceMessages(deps, request.actor, request.params.scheme),
  )
  addEndpoint(app, serviceMessageEndpoints.previewServiceMessage, (request) =>
    previewServiceMessage(deps, request.actor, request.params.scheme, request.body),
  )
  addEndpoint(app, serviceMessageEndpoints.writeServiceMessage, (request) =>
    writeServiceMessage(deps, request.actor, request.params.scheme, request.body),
  )
  addEndpoint(app, serviceMessageEndpoints.decideServiceMessage, (request) =>
    decideServiceMessage(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )
  addEndpoint(app, serviceMessageEndpoints.stopServiceMessage, (request) =>
    stopServiceMessage(deps, request.actor, request.params.scheme, request.params.id),
  )
  addEndpoint(app, serviceMessageEndpoints.getMessageSettings, (request) =>
    getMessageSettings(deps, request.actor, request.params.scheme),
  )
  addEndpoint(
    app,
    serviceMessageEndpoints.setMessageSettings,
    ({ actor, params, body: { reason, ...settings } }) =>
      setMessageSettings(deps, actor, params.scheme, settings, reason),
  )
}
