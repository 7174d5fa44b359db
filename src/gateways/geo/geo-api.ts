import { AppError } from '../../errors.ts'
import { readBounded } from '../../platform/http/bounded.ts'
import { MAX_CONTOUR_MEGABYTES } from '../../territory/map/geojson.ts'
import type { ContourSource } from '../../territory/reference/source.ts'

const TIMEOUT_MS = 30_000

/**
 * Downloads contours of communes from the API Découpage administratif
 * (https://geo.api.gouv.fr/decoupage-administratif, IGN Admin Express, Licence Ouverte).
 * @param baseUrl without the path: https://geo.api.gouv.fr
 * @param timeoutMs for a whole response
 */
export function createGeoApi(baseUrl: string, timeoutMs: number = TIMEOUT_MS): ContourSource {
  const name = new URL(baseUrl).host
  return {
    name,
    async fetchContours(departementCode, signal) {
      const url = new URL(
        `${baseUrl.replace(/\/+$/, '')}/departements/${encodeURIComponent(departementCode)}/communes`,
      )
      url.search = 'format=geojson&geometry=contour&fields=code,nom'
      const timeout = AbortSignal.timeout(timeoutMs)
      try {
        const response = await fetch(url, {
          signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
          headers: { accept: 'application/geo+json, application/json' },
        })
        if (!response.ok) {
          await response.body?.cancel()
          throw new Error(`HTTP ${response.status}`)
        }
        return await readBounded(
          response,
          MAX_CONTOUR_MEGABYTES * 1024 * 1024,
          () => new AppError('file_too_large', { values: { limit: MAX_CONTOUR_MEGABYTES } }),
        )
      } catch (error) {
        signal?.throwIfAborted()
        if (error instanceof AppError) throw error
        throw new AppError('source_unreachable', { values: { source: name }, cause: error })
      }
    },
  }
}
