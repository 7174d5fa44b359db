import { z } from 'zod'
import { declareEndpoints } from '../platform/http/endpoints.ts'
import {
  AuditFilter,
  AuditPage,
  AuditQuery,
  ChainView,
  InstallationAuditFilter,
  InstallationAuditQuery,
} from './contract.ts'

const InScheme = z.object({ scheme: z.string().max(40) })
/** A check may read every entry of the scheme, so its rate is limited. */
const CHECKS = { max: 20, timeWindow: 60_000, groupId: 'audit-chain' }

export const auditEndpoints = declareEndpoints('privacy', {
  listAudit: {
    method: 'GET',
    path: '/api/schemes/:scheme/audit',
    permission: 'audit.read',
    summary: 'List the audit log, latest first',
    params: InScheme,
    query: AuditQuery,
    answer: AuditPage,
  },
  getAuditChain: {
    method: 'GET',
    path: '/api/schemes/:scheme/audit/chain',
    permission: 'audit.read',
    summary: 'Get the result of the last check of the audit log',
    params: InScheme,
    answer: ChainView,
    rateLimit: CHECKS,
  },
  checkAuditChain: {
    method: 'POST',
    path: '/api/schemes/:scheme/audit/chain',
    permission: 'audit.read',
    summary: 'Check now whether the audit log is intact',
    params: InScheme,
    answer: ChainView,
    rateLimit: CHECKS,
  },
  exportAudit: {
    method: 'GET',
    path: '/api/schemes/:scheme/audit.csv',
    permission: 'audit.read',
    needsFactor: true,
    summary: 'Export the audit log as CSV',
    params: InScheme,
    query: AuditFilter,
    produces: 'text/csv',
  },
  listInstallationAudit: {
    method: 'GET',
    path: '/api/installation/audit',
    permission: 'audit.read_installation',
    summary: 'List the audit log of the installation, latest first',
    query: InstallationAuditQuery,
    answer: AuditPage,
  },
  getInstallationChain: {
    method: 'GET',
    path: '/api/installation/audit/chain',
    permission: 'audit.read_installation',
    summary: 'Get the result of the last check of the audit log of the installation',
    answer: ChainView,
    rateLimit: CHECKS,
  },
  checkInstallationChain: {
    method: 'POST',
    path: '/api/installation/audit/chain',
    permission: 'audit.read_installation',
    summary: 'Check now whether the audit log of the installation is intact',
    answer: ChainView,
    rateLimit: CHECKS,
  },
  exportInstallationAudit: {
    method: 'GET',
    path: '/api/installation/audit.csv',
    permission: 'audit.read_installation',
    needsFactor: true,
    summary: 'Export the audit log of the installation as CSV',
    query: InstallationAuditFilter,
    produces: 'text/csv',
  },
})
