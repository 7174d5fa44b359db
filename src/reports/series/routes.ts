import { z } from 'zod'
import type { Deps } from '../../deps.ts'
import type { App } from '../../platform/http.ts'
import {
  addToSeries,
  createSeries,
  listSeries,
  removeFromSeries,
  renameSeries,
  revertReportsApart,
  setReportsApart,
} from './actions.ts'
import { Apart, NewSeries, SeriesPage, SeriesReports, SeriesTitle, Together } from './contract.ts'

const InScheme = z.object({ scheme: z.string().max(64) })
const OneSeries = InScheme.extend({ id: z.uuid() })

/** Endpoints of series. Each change returns the updated page, since one link changes the next proposals. */
export function seriesRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'newId' | 'live'>): void {
  const prefix = '/api/schemes/:scheme/series'
  const tags = ['series']
  const response = { 200: SeriesPage }

  app.get(
    prefix,
    {
      config: { permission: 'series.read' },
      schema: {
        tags,
        summary: 'Series of similar incidents, and proposed links',
        params: InScheme,
        response,
      },
    },
    (request) => listSeries(deps, request.actor, request.params.scheme),
  )

  app.post(
    prefix,
    {
      config: { permission: 'series.link' },
      schema: { tags, summary: 'Link reports into a series', params: InScheme, body: NewSeries, response },
    },
    (request) => createSeries(deps, request.actor, request.params.scheme, request.body),
  )

  app.post(
    `${prefix}/apart`,
    {
      config: { permission: 'series.link' },
      schema: {
        tags,
        summary: 'Set reports apart',
        params: InScheme,
        body: Apart,
        response,
      },
    },
    (request) => setReportsApart(deps, request.actor, request.params.scheme, request.body),
  )

  app.post(
    `${prefix}/together`,
    {
      config: { permission: 'series.link' },
      schema: {
        tags,
        summary: 'Revert the separation of reports',
        params: InScheme,
        body: Together,
        response,
      },
    },
    (request) => revertReportsApart(deps, request.actor, request.params.scheme, request.body),
  )

  app.put(
    `${prefix}/:id`,
    {
      config: { permission: 'series.link' },
      schema: { tags, summary: 'Name a series', params: OneSeries, body: SeriesTitle, response },
    },
    ({ actor, params, body }) => renameSeries(deps, actor, params.scheme, params.id, body),
  )

  app.post(
    `${prefix}/:id/link`,
    {
      config: { permission: 'series.link' },
      schema: { tags, summary: 'Add reports to a series', params: OneSeries, body: SeriesReports, response },
    },
    ({ actor, params, body }) => addToSeries(deps, actor, params.scheme, params.id, body),
  )

  app.post(
    `${prefix}/:id/unlink`,
    {
      config: { permission: 'series.link' },
      schema: {
        tags,
        summary: 'Remove reports from a series',
        params: OneSeries,
        body: SeriesReports,
        response,
      },
    },
    ({ actor, params, body }) => removeFromSeries(deps, actor, params.scheme, params.id, body),
  )
}
