import { useQueryClient } from '@tanstack/react-query'
import { useCurrent } from '../shell/current.tsx'

/** Returns the function that reads an alert again after a decision on it or on one of its follow-ups, with the lists of alerts. */
export function useAlertRefresh(alertId: string): () => Promise<void> {
  const { scheme } = useCurrent()
  const client = useQueryClient()
  return async () => {
    await client.invalidateQueries({ queryKey: ['alerts', scheme.id] })
    await client.invalidateQueries({ queryKey: ['alert', scheme.id, alertId] })
  }
}
