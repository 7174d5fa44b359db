import { declareEndpoints } from '../../platform/http/endpoints.ts'
import { OperationView } from './contract.ts'

export const operationEndpoints = declareEndpoints('health', {
  getOperation: {
    method: 'GET',
    path: '/api/installation/operation',
    permission: 'operation.read',
    summary: 'Get the health, background jobs, backups and versions of the installation',
    answer: OperationView,
    rateLimit: { max: 60, timeWindow: 60_000, groupId: 'operation' },
  },
})
