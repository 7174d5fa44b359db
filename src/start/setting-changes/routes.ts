import { type App, addEndpoint } from '../../platform/http/http.ts'
import {
  type ChangeDeps,
  listSettingChanges,
  putSettingChangeInForce,
  rejectSettingChange,
  withdrawSettingChange,
} from '../../settings/actions.ts'
import { settingWriters } from '../settings.ts'
import { settingChangeEndpoints } from './endpoints.ts'
import { describeChanges } from './parts.ts'

export function settingChangeRoutes(app: App, deps: ChangeDeps): void {
  addEndpoint(app, settingChangeEndpoints.listSettingChanges, async ({ actor, params }) =>
    describeChanges(await listSettingChanges(deps, actor, params.scheme)),
  )

  addEndpoint(app, settingChangeEndpoints.putSettingChangeInForce, async ({ actor, params }) => {
    const writing = { ...deps, writers: settingWriters }
    return describeChanges(await putSettingChangeInForce(writing, actor, params.scheme, params.id))
  })

  addEndpoint(app, settingChangeEndpoints.rejectSettingChange, async ({ actor, params, body }) =>
    describeChanges(await rejectSettingChange(deps, actor, params.scheme, params.id, body)),
  )

  addEndpoint(app, settingChangeEndpoints.withdrawSettingChange, async ({ actor, params }) =>
    describeChanges(await withdrawSettingChange(deps, actor, params.scheme, params.id)),
  )
}
