import { z } from 'zod'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import { SchemeCode } from '../../schemes/contract.ts'
import { PrivacyFacts, RetentionView } from './contract.ts'

const InScheme = z.object({ scheme: SchemeCode })

export const retentionEndpoints = declareEndpoints('privacy', {
  getRetention: {
    method: 'GET',
    path: '/api/schemes/:scheme/retention',
    permission: 'retention.read',
    summary: 'Get the retention period of each kind of data, and the latest deletions',
    params: InScheme,
    answer: RetentionView,
  },
})

export const publicPrivacyEndpoints = declareEndpoints('public', {
  getPrivacyFacts: {
    method: 'GET',
    path: '/api/public/schemes/:scheme/privacy',
    permission: 'public',
    summary: 'Get the settings that the privacy notice of a scheme states',
    params: InScheme,
    answer: PrivacyFacts,
    rateLimit: { max: 120, timeWindow: 60_000, groupId: 'privacy' },
  },
})
