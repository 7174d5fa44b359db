import { z } from 'zod'
import type { Deps } from '../../deps.ts'
import type { App } from '../../platform/http.ts'
import { NumberAnswer, NumberQuestion, NumberTaken } from './contract.ts'
import { answerNumber, getNumberQuestion } from './reconfirm.ts'

/** A person with a phone in hand, not a program that guesses. */
const LIMIT = { max: 20, timeWindow: 60_000, groupId: 'number-link' }
const BODY_BYTES = 1024
/** Of any shape: a link that is cut off gets the same answer as one that is unknown. */
const ByToken = z.object({ token: z.string().max(200) })

/** What the link of a yearly message asks, without signing in. */
export function publicNumberRoutes(
  app: App,
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'mailer'>,
): void {
  app.get(
    '/api/public/numbers/:token',
    {
      config: { permission: 'public', rateLimit: LIMIT },
      schema: {
        tags: ['public'],
        summary: 'What the link of a yearly message asks',
        params: ByToken,
        response: { 200: NumberQuestion },
      },
    },
    (request) => {
      return getNumberQuestion(deps, request.params.token)
    },
  )

  app.post(
    '/api/public/numbers/:token',
    {
      config: { permission: 'public', rateLimit: LIMIT },
      bodyLimit: BODY_BYTES,
      schema: {
        tags: ['public'],
        summary: 'Say whether a number is still that of its business',
        params: ByToken,
        body: NumberAnswer,
        response: { 200: NumberTaken },
      },
    },
    (request) => {
      return answerNumber(deps, request.params.token, request.body)
    },
  )
}
