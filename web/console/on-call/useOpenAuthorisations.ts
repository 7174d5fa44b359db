import { useQuery } from '@tanstack/react-query'
import type { CallOutView } from '../../../src/on-call/contract.ts'
import type { Current } from '../shell/current.tsx'
import { openCallOutsQuery } from './queries.ts'

/** Returns the open calls about authorisations that the user may answer; undefined until they are read, or if the user is no magistrate. */
export function useOpenAuthorisations({ id, role }: Current['scheme']): CallOutView[] | undefined {
  const isMagistrate = role === 'magistrate'
  const open = useQuery({ ...openCallOutsQuery(id), enabled: isMagistrate }).data
  // Other screens read the same calls for users who are no magistrates.
  return isMagistrate ? open?.filter(({ subject }) => subject === 'authorisation') : undefined
}
