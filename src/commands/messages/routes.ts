import { setTimeout as wait } from 'node:timers/promises'
import type { RouteDetails, RoutesView, RouteView } from '../../deliveries/contract.ts'
import { acceptedPerSecond, readRoutes } from '../../deliveries/status/report.ts'
import { hasManyUnknown } from '../../deliveries/status/route-health.ts'
import { formatMessage } from '../../i18n/format.ts'
import { type CommandIo, dataCommand } from '../command.ts'
import { formatInstant, formatTable } from '../table.ts'

/** Delay between two readings; workers write their counts twice a second. */
const BETWEEN_MS = 1000

/**
 * `tocsin routes [--json]`: prints the state of the SMS gateways and the workers. Exits with 0 when at least one
 * gateway could take a message, a real one where there are any, else 1.
 */
export const routesCommand = dataCommand({
  usage: (lang) => formatMessage(lang, 'cli.routes.usage'),
  parse(args) {
    const [option, ...rest] = args
    if (rest.length > 0 || (option !== undefined && option !== '--json')) return undefined
    return { json: option === '--json' }
  },
  reads: () => true,
  async run(deps, { json }, _files, io) {
    const before = await readRoutes(deps, io.lang)
    if (before.routes.length > 0) await wait(BETWEEN_MS)
    const after = before.routes.length > 0 ? await readRoutes(deps, io.lang) : before
    const rates = new Map(
      after.routes.map(({ name }) => [name, acceptedPerSecond(before, after, name)] as const),
    )
    if (json) {
      const routes = after.routes.map((route) => ({
        ...route,
        acceptedPerSecond: rates.get(route.name) ?? null,
      }))
      io.stdout(`${JSON.stringify({ ...after, routes })}\n`)
    } else {
      printRoutes(io, after, rates)
    }
    // In service exercises have a simulated gateway, which says nothing about alerts.
    const real = after.routes.filter(({ simulated }) => !simulated)
    const routes = real.length > 0 ? real : after.routes
    return routes.some(({ state, circuit }) => state === 'bound' && circuit !== 'open') ? 0 : 1
  },
})

function printRoutes(io: CommandIo, view: RoutesView, rates: ReadonlyMap<string, number | null>): void {
  const t = (key: string, values?: Record<string, string | number>) => formatMessage(io.lang, key, values)
  const workers = view.workers ?? []
  if (!workers.some((worker) => worker.isAlive)) io.stderr(`${t('cli.routes.none')}\n`)
  else if (view.routes.length === 0) io.stderr(`${t('cli.routes.noGateway')}\n`)
  if (view.routes.length > 0) {
    const titles = ['route', 'state', 'circuit', 'rate', 'window', 'answer', 'errors'] as const
    io.stdout(
      formatTable(
        titles.map((title) => t(`cli.routes.${title}`)),
        view.routes.map((route) => toRouteRow(io, route, rates.get(route.name) ?? null)),
      ),
    )
  }
  for (const route of view.routes) {
    const remarks = route.details === null ? [] : listRouteRemarks(io, route.details)
    if (remarks.length > 0) io.stdout(`\n${route.name}\n${remarks.map((remark) => `  ${remark}\n`).join('')}`)
  }
  if (workers.length > 0) io.stdout(`\n${t('cli.routes.workers')}\n`)
  for (const { name, startedAt, isAlive, beatMs } of workers) {
    const text = isAlive
      ? t('cli.routes.alive', { at: formatInstant(io.lang, startedAt) })
      : t('cli.routes.dead', { seconds: beatMs / 1000 })
    io.stdout(`  ${name}  ${text}\n`)
  }
}

function toRouteRow(
  io: CommandIo,
  { name, simulated, state, circuit, details }: RouteView,
  rate: number | null,
) {
  const t = (key: string, values?: Record<string, string | number>) => formatMessage(io.lang, key, values)
  const shown = simulated ? t('cli.routes.simulated', { name }) : name
  const states = [shown, t(`route.state.${state}`), t(`route.circuit.${circuit}`)]
  if (details === null) return states
  const { totals, partsPerSecond: limit } = details
  const answered = totals.accepted + totals.refused + totals.throttled
  const errors = (['refused', 'throttled', 'unanswered', 'linksLost'] as const)
    .map((kind) => t(`cli.routes.${kind}`, { count: totals[kind] }))
    .filter((text) => text !== '')
  return [
    ...states,
    rate === null
      ? '–'
      : limit === null
        ? t('cli.routes.perSecond', { rate })
        : t('cli.routes.perSecondOf', { rate, limit }),
    `${details.inFlight}/${details.window}`,
    answered === 0 ? '–' : `${Math.round(totals.answerMs / answered)} ms`,
    errors.length === 0 ? t('cli.routes.noErrors') : errors.join(', '),
  ]
}

/** Below this, the provider is merely slow. */
const SILENT_MS = 2000

function listRouteRemarks(io: CommandIo, details: RouteDetails): string[] {
  const t = (key: string, values?: Record<string, string | number>) => formatMessage(io.lang, key, values)
  const { lastError: error, errorSince, silentMs } = details
  const remarks = details.refusals.map(({ count, meaning }) => t('cli.routes.refusal', { count, meaning }))
  const { received, unknown } = details.recentReceipts
  if (hasManyUnknown(details.recentReceipts))
    remarks.push(t('cli.routes.unknownReceipts', { share: Math.min(1, unknown / received) }))
  if (silentMs >= SILENT_MS) remarks.push(t('cli.routes.silent', { seconds: silentMs / 1000 }))
  if (error !== null) {
    remarks.push(
      errorSince === null
        ? t('cli.routes.lastError', { error })
        : t('cli.routes.lastErrorSince', { error, at: formatInstant(io.lang, errorSince) }),
    )
  }
  return remarks
}
