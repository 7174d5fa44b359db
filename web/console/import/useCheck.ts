import { useDebouncedCallback } from '@mantine/hooks'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { callApi } from '../../api/client.ts'
import { uploadQuery } from './queries.ts'

/** Delay after the last correction before the list is checked. */
const SETTLE_MS = 700

/** Checks the whole list again: at once, or when the user stops correcting. */
export function useCheck(schemeId: string, id: string) {
  const client = useQueryClient()
  const { mutate, ...check } = useMutation({
    mutationFn: () => callApi('checkUpload', { params: { scheme: schemeId, id } }),
    onSuccess: async (upload) => {
      client.setQueryData(uploadQuery(schemeId, id).queryKey, upload)
      await client.invalidateQueries({ queryKey: ['upload-rows', schemeId, id] })
    },
  })
  const soon = useDebouncedCallback(() => mutate(), SETTLE_MS)
  return { ...check, now: () => mutate(), soon }
}

export type Check = ReturnType<typeof useCheck>
