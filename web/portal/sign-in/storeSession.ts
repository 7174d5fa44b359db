import type { QueryClient } from '@tanstack/react-query'
import type { PortalSession } from '../../../src/portal/contract.ts'
import { leftQuery, portalSessionQuery } from '../../api/portal.ts'

/** Shows a member who just signed in the portal. An answer still on its way is from before, and would sign them out here. */
export async function storeSession(client: QueryClient, session: PortalSession): Promise<void> {
  const { queryKey } = portalSessionQuery
  await client.cancelQueries({ queryKey })
  client.setQueryData(leftQuery.queryKey, null)
  client.setQueryData(queryKey, session)
}
