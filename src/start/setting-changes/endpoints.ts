import { z } from 'zod'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import { SettingChangeRejection } from '../../settings/contract.ts'
import { SettingChangeList } from './contract.ts'

const InScheme = z.object({ scheme: z.string().max(64) })
const OneChange = InScheme.extend({ id: z.uuid() })

export const settingChangeEndpoints = declareEndpoints('schemes', {
  listSettingChanges: {
    method: 'GET',
    path: '/api/schemes/:scheme/setting-changes',
    permission: 'setting_change.read',
    summary: 'List the changes of settings that wait for a second person, and those decided',
    params: InScheme,
    answer: SettingChangeList,
  },
  putSettingChangeInForce: {
    method: 'POST',
    path: '/api/schemes/:scheme/setting-changes/:id/in-force',
    permission: 'setting_change.decide',
    needsFactor: true,
    summary: 'Put in force a change of settings that another account proposed',
    params: OneChange,
    answer: SettingChangeList,
  },
  rejectSettingChange: {
    method: 'POST',
    path: '/api/schemes/:scheme/setting-changes/:id/reject',
    permission: 'setting_change.decide',
    summary: 'Refuse a change of settings that another account proposed, with a reason',
    params: OneChange,
    body: SettingChangeRejection,
    answer: SettingChangeList,
  },
  withdrawSettingChange: {
    method: 'POST',
    path: '/api/schemes/:scheme/setting-changes/:id/withdraw',
    permission: 'setting_change.decide',
    summary: 'Withdraw a change of settings that the caller proposed',
    params: OneChange,
    answer: SettingChangeList,
  },
})
