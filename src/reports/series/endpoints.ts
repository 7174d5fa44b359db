import { z } from 'zod'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import { Apart, NewSeries, SeriesPage, SeriesReports, SeriesTitle, Together } from './contract.ts'

const InScheme = z.object({ scheme: z.string().max(64) })
const OneSeries = InScheme.extend({ id: z.uuid() })

export const seriesEndpoints = declareEndpoints('series', {
  listSeries: {
    method: 'GET',
    path: '/api/schemes/:scheme/series',
    permission: 'series.read',
    summary: 'List series of similar incidents, and proposed links',
    params: InScheme,
    answer: SeriesPage,
  },
  createSeries: {
    method: 'POST',
    path: '/api/schemes/:scheme/series',
    permission: 'series.link',
    summary: 'Link reports into a series',
    params: InScheme,
    body: NewSeries,
    answer: SeriesPage,
  },
  setReportsApart: {
    method: 'POST',
    path: '/api/schemes/:scheme/series/apart',
    permission: 'series.link',
    summary: 'Mark reports as unrelated',
    params: InScheme,
    body: Apart,
    answer: SeriesPage,
  },
  revertReportsApart: {
    method: 'POST',
    path: '/api/schemes/:scheme/series/together',
    permission: 'series.link',
    summary: 'Revert the mark that reports are unrelated',
    params: InScheme,
    body: Together,
    answer: SeriesPage,
  },
  renameSeries: {
    method: 'PUT',
    path: '/api/schemes/:scheme/series/:id',
    permission: 'series.link',
    summary: 'Name a series',
    params: OneSeries,
    body: SeriesTitle,
    answer: SeriesPage,
  },
  addToSeries: {
    method: 'POST',
    path: '/api/schemes/:scheme/series/:id/link',
    permission: 'series.link',
    summary: 'Add reports to a series',
    params: OneSeries,
    body: SeriesReports,
    answer: SeriesPage,
  },
  removeFromSeries: {
    method: 'POST',
    path: '/api/schemes/:scheme/series/:id/unlink',
    permission: 'series.link',
    summary: 'Remove reports from a series',
    params: OneSeries,
    body: SeriesReports,
    answer: SeriesPage,
  },
})
