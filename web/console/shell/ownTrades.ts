import { useQuery } from '@tanstack/react-query'
import { schemeQuery } from '../../api/queries.ts'
import { useCurrent } from './current.tsx'

/** Returns the trades of the scheme of which the user manages the members: all of them but for a delegate of some trades. */
export function useOwnTrades() {
  const { scheme } = useCurrent()
  const trades = useQuery(schemeQuery(scheme.id)).data?.trades ?? []
  return trades.filter(({ code }) => scheme.trades?.includes(code) ?? true)
}
