import { useEffect } from 'react'
import type { useDrafts } from '../text/draft.ts'

/**
 * Ends an authorisation once the content is another one. Content that the magistrate did not hear must never be covered by
 * accident, so it ends for good, even if the original text is restored.
 */
export function useSealedContent({
  draft,
  current,
  settle,
  isAuthorised,
}: Pick<ReturnType<typeof useDrafts>, 'draft' | 'current' | 'settle'> & {
  readonly isAuthorised: boolean
}): void {
  const { authorised } = draft
  const ended = authorised !== null && authorised.seal !== '' && !isAuthorised
  useEffect(() => {
    if (ended) settle(current, { authorised: { ...authorised, seal: '' } })
  }, [ended, authorised, current, settle])
}
