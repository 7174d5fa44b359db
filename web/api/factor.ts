import type { ApiError } from './client.ts'

/** Asks the user to give a factor again. @returns whether they did */
type Ask = () => Promise<boolean>

let current: Ask | undefined
let asking: Promise<boolean> | undefined

/** Names who asks for a factor: the dialog of the screens that are open. @returns ends it */
export function answerFactorRequests(ask: Ask): () => void {
  current = ask
  return () => {
    if (current === ask) current = undefined
  }
}

/** Asks for a factor when a refusal says that one is due; requests at the same time share one dialog. */
export async function wasFactorGiven(error: ApiError): Promise<boolean> {
  if (error.code !== 'factor_due' || current === undefined) return false
  asking ??= current().finally(() => {
    asking = undefined
  })
  return asking
}
