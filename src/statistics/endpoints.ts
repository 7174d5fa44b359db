import { z } from 'zod'
import { declareEndpoints } from '../platform/http/endpoints.ts'
import { SchemeCode } from '../schemes/contract.ts'
import {
  CommitteeAccounts,
  Publication,
  PublicFigures,
  Statistics,
  StatisticsFilter,
  StatisticsTable,
} from './contract.ts'

const InScheme = z.object({ scheme: SchemeCode })

export const statisticsEndpoints = declareEndpoints('statistics', {
  getStatistics: {
    method: 'GET',
    path: '/api/schemes/:scheme/statistics',
    permission: 'statistics.read',
    summary: 'Get times, volumes, reach, members and alert frequency over a period, without exercises',
    params: InScheme,
    query: StatisticsFilter,
    answer: Statistics,
  },
  getCommitteeAccounts: {
    method: 'GET',
    path: '/api/schemes/:scheme/statistics/committee',
    permission: 'statistics.read',
    summary:
      'Get calls, refusals with reasons, outcomes and members by trade of a period, beside the same days a year before',
    params: InScheme,
    query: StatisticsFilter,
    answer: CommitteeAccounts,
  },
  exportStatistics: {
    method: 'GET',
    path: '/api/schemes/:scheme/statistics.csv',
    permission: 'statistics.read',
    summary: 'Export one table of the statistics as CSV, with times in milliseconds',
    params: InScheme,
    query: StatisticsFilter.extend({ table: StatisticsTable }),
    produces: 'text/csv',
  },
  renderStatisticsPdf: {
    method: 'GET',
    path: '/api/schemes/:scheme/statistics.pdf',
    permission: 'statistics.read',
    summary: 'Download the statistics as a PDF report',
    params: InScheme,
    query: StatisticsFilter,
    produces: 'application/pdf',
  },
  setPublication: {
    method: 'PUT',
    path: '/api/schemes/:scheme/statistics/publication',
    permission: 'statistics.publish',
    needsFactor: true,
    summary: 'Publish the times and volumes of the scheme, or stop publishing them',
    params: InScheme,
    body: Publication,
    answer: Publication,
  },
})

export const publicFigureEndpoints = declareEndpoints('public', {
  getPublicFigures: {
    method: 'GET',
    path: '/api/public/schemes/:scheme/figures',
    permission: 'public',
    summary:
      'Get the published times and volumes of the last twelve months; null if the scheme does not publish them',
    params: InScheme,
    answer: PublicFigures.nullable(),
    rateLimit: { max: 120, timeWindow: 60_000, groupId: 'figures' },
  },
})
