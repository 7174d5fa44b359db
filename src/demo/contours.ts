import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { createGeoApi } from '../gateways/geo/geo-api.ts'
import type { Actor } from '../permissions.ts'
import { importContours } from '../territory/import.ts'

const DEPARTEMENTS = ['63', '39', '03', '43']
const TRY_MS = 5000

const actor: Actor = { kind: 'system', name: 'demo' }

/**
 * Downloads the missing contours of the demo’s départements in the background, in one attempt. The map shows
 * points when it fails.
 * @returns the départements imported now; undefined when the source does not answer.
 */
export async function tryContours(
  deps: Pick<Deps, 'db' | 'now' | 'config' | 'log'>,
  stopped: AbortSignal,
): Promise<string[] | undefined> {
  const rows = await deps.db.selectFrom('contourImports').select('departementCode').execute()
  const there = new Set(rows.map((row) => row.departementCode))
  const source = createGeoApi(deps.config.geoApi)
  const imported: string[] = []
  for (const departementCode of DEPARTEMENTS) {
    if (there.has(departementCode)) continue
    const signal = AbortSignal.any([stopped, AbortSignal.timeout(TRY_MS)])
    try {
      const bytes = await source.fetchContours(departementCode, signal)
      if (stopped.aborted) break
      await importContours(deps, actor, { departementCode, bytes, source: source.name })
      imported.push(departementCode)
    } catch (error) {
      if (stopped.aborted) break
      const code = error instanceof AppError ? error.code : (error as Error).name
      deps.log.info({ departementCode, code }, 'contours could not be imported')
      // Offline, the other départements would only time out too.
      if (code === 'source_unreachable' || code === 'TimeoutError')
        return imported.length > 0 ? imported : undefined
    }
  }
  return imported
}
