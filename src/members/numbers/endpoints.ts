import { z } from 'zod'
import { changesTo } from '../../platform/http/bodies.ts'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import { NumberSettings, SchemeCode } from '../../schemes/contract.ts'
import { NumberAnswer, NumberAnswerStored, NumberPage, NumberQuery, NumberQuestion } from './contract.ts'

/** Any shape is accepted: a truncated link gets the same response as an unknown one. */
const ByToken = z.object({ token: z.string().max(200) })
/** Enough for a person with a phone, too few for a program that guesses tokens. */
const LIMIT = { max: 20, timeWindow: 60_000, groupId: 'number-link' }
const BODY_BYTES = 1024
const InScheme = z.object({ scheme: SchemeCode })

export const publicNumberEndpoints = declareEndpoints('public', {
  getNumberQuestion: {
    method: 'GET',
    path: '/api/public/numbers/:token',
    permission: 'public',
    summary: 'Get the question of a yearly re-confirmation, by its link',
    params: ByToken,
    answer: NumberQuestion,
    rateLimit: LIMIT,
  },
  recordNumberAnswer: {
    method: 'POST',
    path: '/api/public/numbers/:token',
    permission: 'public',
    summary: 'Answer a re-confirmation: whether a number still belongs to its business',
    params: ByToken,
    body: NumberAnswer,
    answer: NumberAnswerStored,
    bodyLimit: BODY_BYTES,
    rateLimit: LIMIT,
  },
})

export const numberEndpoints = declareEndpoints('members', {
  listNumbers: {
    method: 'GET',
    path: '/api/schemes/:scheme/numbers',
    permission: 'number.read',
    summary: 'List members with dead, doubtful, shared or missing numbers',
    params: InScheme,
    query: NumberQuery,
    answer: NumberPage,
  },
  getNumberSettings: {
    method: 'GET',
    path: '/api/schemes/:scheme/number-settings',
    permission: 'number.settings',
    summary: 'Get the settings of the yearly re-confirmation of numbers',
    params: InScheme,
    answer: NumberSettings,
  },
  setNumberSettings: {
    method: 'PUT',
    path: '/api/schemes/:scheme/number-settings',
    permission: 'number.settings',
    needsFactor: true,
    summary: 'Set whether numbers are re-confirmed yearly, and how many a day',
    params: InScheme,
    body: changesTo(NumberSettings),
    answer: NumberSettings,
  },
})
