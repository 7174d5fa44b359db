import { z } from 'zod'
import { declareEndpoints } from '../../platform/endpoints.ts'
import { SchemeCode } from '../../schemes/contract.ts'
import { PrivacyFacts, RetentionView } from './contract.ts'

const InScheme = z.object({ scheme: SchemeCode })

export const retentionEndpoints = declareEndpoints('privacy', {
  getRetention: {
    method: 'GET',
    path: '/api/schemes/:scheme/retention',
    permission: 'retention.read',
    summary: 'How long each kind of data is kept, and what left when',
    params: InScheme,
    answer: RetentionView,
  },
  getRegister: {
    method: 'GET',
    path: '/api/schemes/:scheme/register.md',
    permission: 'retention.read',
    summary: 'Register of processing and a first draft of the impact assessment, in French, as Markdown',
    params: InScheme,
    produces: 'text/markdown',
  },
})

export const publicPrivacyEndpoints = declareEndpoints('public', {
  getPrivacyFacts: {
    method: 'GET',
    path: '/api/public/schemes/:scheme/privacy',
    permission: 'public',
    summary: 'What the privacy notice of a scheme is written from',
    params: InScheme,
    answer: PrivacyFacts,
    rateLimit: { max: 120, timeWindow: 60_000, groupId: 'privacy' },
  },
})
