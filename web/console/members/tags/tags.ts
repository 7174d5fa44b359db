import { queryOptions, useQuery } from '@tanstack/react-query'
import { callApi } from '../../../api/client.ts'
import { newId } from '../../../api/ids.ts'
import { useCurrent } from '../../shell/current.tsx'

export const tagsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['member-tags', schemeId],
    queryFn: ({ signal }) => callApi('listMemberTags', { params: { scheme: schemeId }, signal }),
  })

export interface Tag {
  readonly id: string
  readonly name: string
}

/** Returns the tags of the scheme, by name; none for users who may not see them. */
export function useTags() {
  const { scheme, may } = useCurrent()
  return useQuery({ ...tagsQuery(scheme.id), enabled: may('member.tags') }).data?.tags ?? []
}

/** Returns the ids of tags by their names; those that do not exist are created first. */
export async function idsOfTags(
  schemeId: string,
  tags: readonly Tag[],
  names: readonly string[],
): Promise<string[]> {
  const ids: string[] = []
  for (const name of names) {
    const known = tags.find((tag) => tag.name.toLowerCase() === name.trim().toLowerCase())
    const id = known?.id ?? newId()
    if (known === undefined)
      await callApi('saveMemberTag', { params: { scheme: schemeId, id }, body: { name } })
    ids.push(id)
  }
  return ids
}
