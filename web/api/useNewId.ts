import { useState } from 'react'
import { newId } from './ids.ts'
import { isRefusal } from './problems.ts'

/**
 * Keeps the id of what a form creates, so that a request whose answer was lost is sent again with it. `renewIfTaken` is for the
 * errors of that request: when what has the id was created from other input, the next request creates something else.
 */
export function useNewId(): { id: string; renew: () => void; renewIfTaken: (error: unknown) => void } {
  const [id, setId] = useState(newId)
  const renew = () => setId(newId())
  return {
    id,
    renew,
    renewIfTaken: (error) => {
      if (isRefusal(error, 'id_taken')) renew()
    },
  }
}
