import { declareEndpoints } from '../../platform/endpoints.ts'
import { VerifyQuestion, VerifyView } from './contract.ts'

/** Messages that one address may ask about in a minute: a person with a phone in hand, not a program that guesses. */
const VERIFICATIONS_A_MINUTE = 20

export const publicAlertEndpoints = declareEndpoints('public', {
  verifyMessage: {
    method: 'POST',
    path: '/api/public/verify',
    permission: 'public',
    summary: 'Whether a message is genuine, by its reference and its whole text',
    body: VerifyQuestion,
    answer: VerifyView,
    rateLimit: { max: VERIFICATIONS_A_MINUTE, timeWindow: 60_000, groupId: 'verify' },
  },
})
