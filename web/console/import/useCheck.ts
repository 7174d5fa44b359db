import { useDebouncedCallback } from '@mantine/hooks'
import { callApi } from '../../api/client.ts'
import { useAction } from '../../api/useAction.ts'
import { uploadQuery } from './queries.ts'

/** Delay after the last correction before the list is checked. */
const SETTLE_MS = 700

/** Checks the whole list again: at once, or when the user stops correcting. */
export function useCheck(schemeId: string, id: string) {
  const { mutate, ...check } = useAction(() => callApi('checkUpload', { params: { scheme: schemeId, id } }), {
    stores: uploadQuery(schemeId, id).queryKey,
    refresh: [
      ['upload-rows', schemeId, id],
      ['upload-cells', schemeId, id],
    ],
  })
  const soon = useDebouncedCallback(() => mutate(), SETTLE_MS)
  return { ...check, now: () => mutate(), soon }
}

export type Check = ReturnType<typeof useCheck>
