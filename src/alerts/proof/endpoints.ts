import { declareEndpoints } from '../../platform/http/endpoints.ts'
import { VerifyQuestion, VerifyView } from './contract.ts'

/**
 * Maximum number of checks an IP address may make in a minute: enough for a person with a phone, too few for a program
 * that guesses.
 */
const VERIFICATIONS_A_MINUTE = 20

export const publicAlertEndpoints = declareEndpoints('public', {
  verifyMessage: {
    method: 'POST',
    path: '/api/public/verify',
    permission: 'public',
    summary: 'Check whether an SMS is genuine, by its reference and its whole text',
    body: VerifyQuestion,
    answer: VerifyView,
    rateLimit: { max: VERIFICATIONS_A_MINUTE, timeWindow: 60_000, groupId: 'verify' },
  },
})
