import { queryOptions } from '@tanstack/react-query'
import { callApi } from '../../api/client.ts'

/** Every scheme of the installation, and the ready-made ones. */
export const allSchemesQuery = queryOptions({
  queryKey: ['installation', 'schemes'],
  queryFn: ({ signal }) => callApi('listAllSchemes', { signal }),
})
