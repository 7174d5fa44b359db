import { existsSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { sql } from 'kysely'
import { listKept } from '../../backup/store.ts'
import { examineDatabase } from '../../commands/doctor/doctor.ts'
import { createFindings, LEVELS } from '../../commands/doctor/findings.ts'
import { examineBackups, examineDirectory } from '../../commands/doctor/machine.ts'
import { readRoutes } from '../../deliveries/status/report.ts'
import type { Deps } from '../../deps.ts'
import { formatMessage, type Lang } from '../../i18n/format.ts'
import { listQueues } from '../../jobs.ts'
import { HOUR_MS } from '../../message/clock.ts'
import { type Actor, authorizeInstallation } from '../../permissions.ts'
import { type App, addEndpoint, langOfRequest } from '../../platform/http/http.ts'
import { version } from '../../platform/process/version.ts'
import type { OperationView } from './contract.ts'
import { operationEndpoints } from './endpoints.ts'

type OperationDeps = Pick<Deps, 'db' | 'database' | 'cipher' | 'config' | 'now'>

export function operationRoutes(app: App, deps: OperationDeps): void {
  addEndpoint(app, operationEndpoints.getOperation, (request) =>
    getOperation(deps, request.actor, langOfRequest(request)),
  )
}

/** Returns what this process knows of the installation, without asking anything outside. */
export async function getOperation(deps: OperationDeps, actor: Actor, lang: Lang): Promise<OperationView> {
  authorizeInstallation(actor, 'operation.read')
  const at = deps.now()
  const [findings, jobs, versions] = await Promise.all([
    examine(deps, lang, at),
    listQueues(deps.db, at),
    readVersions(deps),
  ])
  return {
    at: at.toISOString(),
    findings,
    jobs: jobs.map((job) => ({
      ...job,
      name: formatMessage(lang, `operation.job.${job.queue}`),
      lastAt: job.lastAt?.toISOString() ?? null,
    })),
    backups: readBackups(deps.config, at),
    versions,
  }
}

async function examine(deps: OperationDeps, lang: Lang, at: Date): Promise<OperationView['findings']> {
  const found = createFindings(lang)
  examineDirectory(deps.config, found)
  examineBackups(deps.config, found, at)
  if (deps.config.mail === undefined) found.add(deps.config.demo ? 'ok' : 'warning', 'mail_missing')
  for (const finding of await examineDatabase(deps, lang)) found.addWords(finding)
  const { routes } = await readRoutes(deps, lang)
  for (const { name, state } of routes) {
    const isBound = state === 'bound'
    found.addWords({
      code: isBound ? 'route_bound' : 'route_not_bound',
      level: isBound ? 'ok' : 'error',
      what: formatMessage(lang, isBound ? 'operation.route_bound' : 'operation.route_not_bound', { name }),
      do: isBound ? '' : formatMessage(lang, 'operation.route_not_bound.do'),
    })
  }
  return found.list.toSorted((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level))
}

function readBackups({ backup }: OperationDeps['config'], at: Date): OperationView['backups'] {
  const { directory, hours, keep } = backup
  if (directory === undefined) return null
  return { hours, keep, made: readMade(directory, hours, at) }
}

function readMade(directory: string, hours: number, at: Date): NonNullable<OperationView['backups']>['made'] {
  try {
    const kept = existsSync(directory) ? listKept(directory) : []
    const next = kept[0] === undefined ? at.getTime() : kept[0].at.getTime() + hours * HOUR_MS
    return {
      nextAt: new Date(Math.max(next, at.getTime())).toISOString(),
      files: kept.map((file) => ({
        name: basename(file.path),
        at: file.at.toISOString(),
        bytes: statSync(file.path, { throwIfNoEntry: false })?.size ?? 0,
      })),
    }
  } catch {
    // `examineBackups` reads the same directory and reports the failure with its reason.
    return null
  }
}

async function readVersions({ db, database }: OperationDeps): Promise<OperationView['versions']> {
  const { rows } = await sql<{ postgres: string; schema: string | null }>`
    select current_setting('server_version') as postgres,
      (select name from schema_migrations order by version desc limit 1) as schema`.execute(db)
  return {
    program: version,
    schema: rows[0]?.schema ?? '',
    postgres: rows[0]?.postgres ?? '',
    embedded: database.embedded,
    node: process.version,
  }
}
