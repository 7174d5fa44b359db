import type { GatewayReport } from '../contract.ts'

/**
 * Adds to the reports when each gateway entered its state and had its error: the time in `before` when unchanged, else
 * `now`. Its precision is the interval of the calls, which is that of heartbeats.
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
    // Each link lost for the same reason is a separate error.
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
