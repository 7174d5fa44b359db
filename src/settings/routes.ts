import { type App, addEndpoint } from '../platform/http/http.ts'
import {
  type ChangeDeps,
  listSettingChanges,
  putSettingChangeInForce,
  rejectSettingChange,
  type SettingWriters,
  withdrawSettingChange,
} from './actions.ts'
import { settingChangeEndpoints } from './endpoints.ts'

export function settingChangeRoutes(app: App, deps: ChangeDeps & { readonly writers: SettingWriters }): void {
  addEndpoint(app, settingChangeEndpoints.listSettingChanges, ({ actor, params }) =>
    listSettingChanges(deps, actor, params.scheme),
  )

  addEndpoint(app, settingChangeEndpoints.putSettingChangeInForce, ({ actor, params }) =>
    putSettingChangeInForce(deps, actor, params.scheme, params.id),
  )

  addEndpoint(app, settingChangeEndpoints.rejectSettingChange, ({ actor, params, body }) =>
    rejectSettingChange(deps, actor, params.scheme, params.id, body),
  )

  addEndpoint(app, settingChangeEndpoints.withdrawSettingChange, ({ actor, params }) =>
    withdrawSettingChange(deps, actor, params.scheme, params.id),
  )
}
