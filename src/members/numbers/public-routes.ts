import { z } from 'zod'
import type { Deps } from '../../deps.ts'
import type { App } from '../../platform/http.ts'
import { NumberAnswer, NumberQuestion, NumberTaken } from './contract.ts'
import { getNumberQuestion, recordNumberAnswer } from './reconfirm.ts'

/** Enough for a person with a phone, too few for a program that guesses tokens. */
const LIMIT = { max: 20, timeWindow: 60_000, groupId: 'number-link' }
const BODY_BYTES = 1024
/** Any shape is accepted: a truncated link gets the same response as an unknown one. */
const ByToken = z.object({ token: z.string().max(200) })

/** The page behind the link of a yearly message; it needs no sign-in. */
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
        summary: 'The question behind the link of a yearly message',
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
        summary: 'Answer whether a number still belongs to its business',
        params: ByToken,
        body: NumberAnswer,
        response: { 200: NumberTaken },
      },
    },
    (request) => {
      return recordNumberAnswer(deps, request.params.token, request.body)
    },
  )
}
