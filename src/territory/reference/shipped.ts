import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'

/**
 * Reads the contours that ship with the program. `scripts/contours.ts` writes these files; contours/README.md describes
 * them.
 */
const DIRECTORY = new URL('../../../contours/', import.meta.url)

const unzip = promisify(gunzip)

/** `communes.json.gz`: facts of each commune that were computed from the contours in full detail. */
export interface ContourIndex {
  /** The source of the contours, as text for readers. */
  readonly source: string
  /** INSEE codes of today, sorted. */
  readonly codes: readonly string[]
  /** Centroid of each code in 0.00001°. */
  readonly longitudes: readonly number[]
  readonly latitudes: readonly number[]
  /** For each code, the places in `codes` of those touching communes that come after it, each relative to the previous. */
  readonly touching: readonly (readonly number[])[]
}

/** A commune of the shipped contours. */
export interface ShippedCommune {
  readonly longitude: number
  readonly latitude: number
  /** Codes of the communes that touch it, in any département. */
  readonly neighbours: readonly string[]
}

const INDEX = new URL('communes.json.gz', DIRECTORY)

export async function readContourIndex(): Promise<ContourIndex> {
  const bytes = await unzip(await readFile(INDEX))
  return JSON.parse(bytes.toString('utf8'))
}

/** Returns a text that changes with the shipped contours. */
export async function contourDigest(): Promise<string> {
  return createHash('sha256')
    .update(await readFile(INDEX))
    .digest('base64url')
    .slice(0, 10)
}

/** Returns the TopoJSON of a département, compressed with gzip, or undefined when the program ships none. */
export async function readShippedContours(departementCode: string): Promise<Buffer | undefined> {
  try {
    return await readFile(new URL(`${departementCode}.json.gz`, DIRECTORY))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

const versions = new Map<string, string | null>()

/** Returns a digest of the shipped contours of a département, or null when there are none. They do not change while it runs. */
export async function shippedVersion(departementCode: string): Promise<string | null> {
  const known = versions.get(departementCode)
  if (known !== undefined) return known
  const bytes = await readShippedContours(departementCode)
  const version =
    bytes === undefined ? null : createHash('sha256').update(bytes).digest('base64url').slice(0, 12)
  versions.set(departementCode, version)
  return version
}

/** Returns the communes of an index by code. */
export function communesOfIndex(index: ContourIndex): Map<string, ShippedCommune> {
  const neighbours = index.codes.map((): string[] => [])
  for (const [a, b] of pairsOfIndex(index)) {
    neighbours[a]!.push(index.codes[b]!)
    neighbours[b]!.push(index.codes[a]!)
  }
  return new Map(
    index.codes.map((code, no) => [
      code,
      {
        longitude: (index.longitudes[no] ?? 0) / 100_000,
        latitude: (index.latitudes[no] ?? 0) / 100_000,
        neighbours: neighbours[no]!.sort(),
      },
    ]),
  )
}

function* pairsOfIndex({ touching }: ContourIndex): Generator<[number, number]> {
  for (const [a, later] of touching.entries()) {
    let b = a
    for (const step of later) {
      b += step
      yield [a, b]
    }
  }
}
