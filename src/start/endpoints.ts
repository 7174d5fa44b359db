import { z } from 'zod'
import { AboutView } from '../identity/contract.ts'
import { declareEndpoints } from '../platform/http/endpoints.ts'

const Ready = z.object({
  ready: z.boolean(),
  /** The reason when not ready. */
  reason: z.enum(['starting', 'stopping', 'database_down', 'disk_full']).optional(),
})

export const healthEndpoints = declareEndpoints('health', {
  getHealth: {
    method: 'GET',
    path: '/healthz',
    permission: 'public',
    summary: 'Report that the process is alive',
    answer: z.object({ ok: z.boolean() }),
  },
  getReadiness: {
    method: 'GET',
    path: '/readyz',
    permission: 'public',
    summary: 'Report whether the process can serve requests',
    answer: Ready,
    otherAnswers: { 503: Ready },
  },
})

export const generalEndpoints = declareEndpoints('identity', {
  getAbout: {
    method: 'GET',
    path: '/api/about',
    permission: 'public',
    summary: 'Get the version and features of the installation',
    answer: AboutView,
  },
})
