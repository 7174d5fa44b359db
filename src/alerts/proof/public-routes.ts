import type { Deps } from '../../deps.ts'
import type { App } from '../../platform/http.ts'
import { VerifyQuestion, VerifyView } from './contract.ts'
import { verifyMessage } from './verify.ts'

/** Messages that one address may ask about in a minute: a person with a phone in hand, not a program that guesses. */
const VERIFICATIONS_A_MINUTE = 20

/** What everybody may ask without signing in. */
export function publicAlertRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'secret' | 'log'>): void {
  app.post(
    '/api/public/verify',
    {
      config: {
        permission: 'public',
        rateLimit: { max: VERIFICATIONS_A_MINUTE, timeWindow: 60_000, groupId: 'verify' },
      },
      schema: {
        tags: ['public'],
        summary: 'Whether a message is genuine, by its reference and its whole text',
        body: VerifyQuestion,
        response: { 200: VerifyView },
      },
    },
    async (request) => {
      return verifyMessage(deps, request.body, request.ip)
    },
  )
}
