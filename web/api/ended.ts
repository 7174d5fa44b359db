import type { QueryClient } from '@tanstack/react-query'
import { callApi } from './client.ts'

/** Asks whether the session is still open: a refusal ends its screens, as that of any other request does (main.tsx). */
export function checkSession(client: QueryClient): void {
  const answer = client.fetchQuery({
    queryKey: ['session', 'check'],
    queryFn: ({ signal }) => callApi('getSession', { signal }),
    staleTime: 0,
    retry: false,
  })
  answer.catch(() => {})
}
