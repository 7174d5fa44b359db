import type { GatewayReport } from '../contract.ts'

/**
 * Reports with since when each gateway is in its state and has its error: as `before` said where nothing changed, else
 * `now`. As exact as the pace at which it is called, which is that of heartbeats.
 */
export function withSince(
  before: readonly GatewayReport[],
  reports: readonly GatewayReport[],
  now: Date,
): GatewayReport[] {
  const former = new Map(before.map((report) => [report.name, report]))
  return reports.map((report) => {
    const last = former.get(report.name)
    const isSameState = last !== undefined && last.state === report.state
    // Each link that is lost for the same reason is an error of its own.
    const isSameError =
      JSON.stringify(last?.lastError) === JSON.stringify(report.lastError) &&
      last?.totals.linksLost === report.totals.linksLost
    const at = now.toISOString()
    return {
      ...report,
      stateSince: (isSameState ? last.stateSince : undefined) ?? at,
      ...(report.lastError !== null && { errorSince: (isSameError ? last?.errorSince : undefined) ?? at }),
    }
  })
}
