import { NO_SCHEME } from '../../audit/chain.ts'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { type Actor, actorName } from '../../permissions.ts'
import { acrossSchemes } from '../../platform/db.ts'
import type { CommuneRef } from '../store/areas.ts'
import {
  findDepartement,
  findMergedInto,
  listContoursAround,
  listDepartementCommunes,
  replaceContours,
  replaceNeighbours,
  saveContourImport,
} from '../store/contours.ts'
import {
  boxOf,
  type CodedContour,
  type Contour,
  centroidOf,
  joinContours,
  touchingPairs,
} from './contours.ts'
import { invalidFile, readContours } from './geojson.ts'

export interface ContourFile {
  readonly departementCode: string
  /** Content of the file, in GeoJSON. */
  readonly bytes: Uint8Array
  /** Origin of the data for people and for the audit record: the file's name or the service's host. */
  readonly source: string
}

export interface ContourImport {
  readonly departement: { readonly code: string; readonly name: string }
  /** Communes that now have a contour. */
  readonly matched: number
  /** Communes of the file that were merged since; their contours were joined to that of today's commune. */
  readonly joined: readonly CommuneRef[]
  /** Codes of the file that are neither a commune of today nor a merged one; they are ignored. */
  readonly unmatched: readonly CommuneRef[]
  /** Communes of the département that are missing from the file and therefore have no contour. */
  readonly missing: readonly CommuneRef[]
  /** Number of communes of other départements in the file; they are ignored. */
  readonly elsewhere: number
  /** Pairs of communes that touch, including across the border of the département. */
  readonly neighbours: number
}

/**
 * Returns the name of a département to import.
 * @throws AppError `unknown_area`
 */
export async function getDepartement(
  deps: Pick<Deps, 'db'>,
  code: string,
): Promise<{ code: string; name: string }> {
  const departement = await acrossSchemes(deps.db, (tx) => findDepartement(tx, code))
  if (!departement) throw new AppError('unknown_area', { values: { code } })
  return departement
}

/**
 * Replaces the contours of a département by those of a file: contours, centres for communes without a point, neighbours.
 * Communes that were merged since the file was made are joined by their old codes. The import is one transaction; codes that
 * do not match are reported and do not fail it.
 * @throws AppError `forbidden` unless the caller is the program itself, `unknown_area`, `file_too_large`, `invalid_file`
 * (also for a file without a commune of the département)
 */
export async function importContours(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  { departementCode, bytes, source }: ContourFile,
): Promise<ContourImport> {
  // Reference data is shared by all schemes, so no role in one of them allows changing it.
  if (actor.kind !== 'system') throw new AppError('forbidden', { values: { permission: 'territory.import' } })
  const departement = await getDepartement(deps, departementCode)
  const features = readContours(bytes, source)
  return acrossSchemes(deps.db, async (tx) => {
    const communes = await listDepartementCommunes(tx, departementCode)
    const known = new Set(communes.map((commune) => commune.code))
    const mergedInto = await findMergedInto(
      tx,
      features.map(({ code }) => code).filter((code) => !known.has(code)),
    )
    /** Contours of the parts of each commune of today. */
    const parts = new Map<string, Contour[]>()
    const joined: CommuneRef[] = []
    const others: CommuneRef[] = []
    for (const { code, name, geometry } of features) {
      const today = known.has(code) ? code : mergedInto.get(code)
      if (today === undefined || !known.has(today)) {
        others.push({ code, name })
        continue
      }
      parts.set(today, [...(parts.get(today) ?? []), geometry])
      if (today !== code) joined.push({ code, name })
    }
    const unmatched = others.filter((feature) => feature.code.startsWith(departementCode))
    if (parts.size === 0) {
      throw invalidFile(source, [{ code: 'geojson.otherDepartement', values: { name: departement.name } }])
    }
    const missing = communes.filter((commune) => !parts.has(commune.code))
    const contours: CodedContour[] = [...parts].map(([code, contour]) => ({
      code,
      contour: joinContours(contour),
    }))
    const around = await listContoursAround(
      tx,
      departementCode,
      boxOf(contours.map(({ contour }) => contour)),
    )
    const pairs = touchingPairs([...contours, ...around]).filter(([a, b]) => parts.has(a) || parts.has(b))

    await replaceContours(
      tx,
      departementCode,
      contours.map(({ code, contour }) => ({ code, contour, centroid: centroidOf(contour) })),
    )
    await replaceNeighbours(tx, departementCode, pairs)
    const now = deps.now()
    await saveContourImport(tx, {
      departementCode,
      importedAt: now,
      source,
      matched: contours.length,
      unmatchedCodes: unmatched.map((feature) => feature.code),
      missingCodes: missing.map((commune) => commune.code),
    })
    await recordAudit(tx, NO_SCHEME, now, {
      actor: actorName(actor),
      action: 'territory.import',
      subject: `departement:${departementCode}`,
      details: {
        source,
        matched: contours.length,
        joined: joined.length,
        unmatched: unmatched.length,
        missing: missing.length,
      },
    })
    return {
      departement,
      matched: contours.length,
      joined,
      unmatched,
      missing,
      elsewhere: others.length - unmatched.length,
      neighbours: pairs.length,
    }
  })
}
