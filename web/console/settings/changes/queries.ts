import { queryOptions } from '@tanstack/react-query'
import { type Answer, callApi } from '../../../api/client.ts'

export type SettingChange = Answer<'listSettingChanges'>['waiting'][number]

/** The changes of settings that the user's roles concern, and who decides on one of theirs. */
export const settingChangesQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['setting-changes', schemeId],
    queryFn: ({ signal }) => callApi('listSettingChanges', { params: { scheme: schemeId }, signal }),
  })
