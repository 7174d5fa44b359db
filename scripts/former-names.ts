import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { searchName } from '../src/territory/places/spelling.ts'

/**
 * Writes src/territory/reference/former-names.json: names of 2018 that the reference data no longer has, of communes merged or renamed
 * since, by their code of that time. Run it with the folder of the contours of 2018:
 * `node scripts/former-names.ts ../shared/geo/communes-2018`.
 */
interface Commune {
  readonly code: string
  readonly nom: string
  readonly type: string
  readonly anciensCodes?: readonly string[]
}

/** Names that people still use and that no file has, because the commune was merged or renamed before 2018. */
const BY_HAND: Readonly<Record<string, string>> = {
  '63038': 'Besse-en-Chandesse',
  '63068': 'Cellule',
  '63244': 'La Moutade',
  '63255': 'Nonette',
  '63266': 'Orsonnette',
  '63361': 'Saint-Hippolyte',
}

const folder = process.argv[2]
if (folder === undefined) throw new Error('usage: node scripts/former-names.ts FOLDER')

const all = JSON.parse(
  readFileSync(
    createRequire(import.meta.url).resolve('@etalab/decoupage-administratif/data/communes.json'),
    'utf8',
  ),
) as Commune[]
const today = new Map(all.filter(({ type }) => type === 'commune-actuelle').map((one) => [one.code, one]))
const named = new Set(
  all
    .filter(({ type }) => type === 'commune-deleguee' || type === 'commune-associee')
    .map(({ code }) => code),
)
const mergedInto = new Map(
  [...today.values()].flatMap(({ code, anciensCodes = [] }) =>
    anciensCodes.map((old) => [old, code] as const),
  ),
)

/** The contours lack articles, and some names were only spelt otherwise. */
const bare = (name: string) =>
  searchName(name)
    .replace(/^(?:le|la|les|l|los|aux) /, '')
    .replaceAll(' ', '')

const names: Record<string, string> = { ...BY_HAND }
for (const file of readdirSync(folder).filter((name) => name.endsWith('.geojson.gz'))) {
  const { features } = JSON.parse(gunzipSync(readFileSync(join(folder, file))).toString()) as {
    features: { properties: { code: string; nom: string } }[]
  }
  for (const { properties } of features) {
    const { code, nom } = properties
    const now = today.get(mergedInto.get(code) ?? code)
    if (named.has(code) || now === undefined || /commune nouvelle/i.test(nom)) continue
    // A longer name of today is found by its start.
    if (bare(now.nom).startsWith(bare(nom))) continue
    names[code] ??= nom
  }
}
const sorted = Object.fromEntries(Object.entries(names).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(
  new URL('../src/territory/reference/former-names.json', import.meta.url),
  `${JSON.stringify(sorted, null, 2)}\n`,
)
console.log(`${Object.keys(sorted).length} names`)
