import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { atName, communesWords, zoneWords } from './naming.ts'
import { areaWords } from './rules.ts'

const communes = JSON.parse(
  readFileSync(
    createRequire(import.meta.url).resolve('@etalab/decoupage-administratif/data/communes.json'),
    'utf8',
  ),
) as { code: string; nom: string; typeLiaison?: number; type: string; departement?: string }[]

test.each([
  ['Billom', 'à Billom'],
  ['Issoire', 'à Issoire'],
  ['Mont-Dore', 'au Mont-Dore'],
  ['Le Cendre', 'au Cendre'],
  ['Le Vernet-Chaméane', 'au Vernet-Chaméane'],
  ['La Bourboule', 'à La Bourboule'],
  ['Les Ancizes-Comps', 'aux Ancizes-Comps'],
  ['Les Martres-de-Veyre', 'aux Martres-de-Veyre'],
  ["L'Isle-Adam", "à L'Isle-Adam"],
  ['L’Haÿ-les-Roses', "à L'Haÿ-les-Roses"],
  ['Aux Marais', 'aux Marais'],
  ['Los Masos', 'à Los Masos'],
  ['Lezoux', 'à Lezoux'],
  ['Lempdes', 'à Lempdes'],
  ['Saint-Éloy-les-Mines', 'à Saint-Éloy-les-Mines'],
  ['Herment', 'à Herment'],
  ['Dallet', 'à Dallet'],
  ["Île-d'Aix", "à l'Île-d'Aix"],
  ['Bors (Canton de Charente-Sud)', 'à Bors'],
  ['Château-Chinon (Ville)', 'à Château-Chinon'],
])('writes %s with its preposition: %s', (name, words) => expect(atName(name)).toBe(words))

test('gives every commune of France, former ones too, the preposition of its article', () => {
  expect(communes.length).toBeGreaterThan(37_000)
  for (const { nom } of communes) {
    const words = atName(nom)
    const bare = nom.replace(/\s*\(.*\)$/u, '')
    // The article is read from its letters only, so that the two readings can be compared.
    if (nom === 'Mont-Dore') expect(words).toBe('au Mont-Dore')
    else if (nom.startsWith('Le ')) expect(words).toBe(`au ${bare.slice(3)}`)
    else if (nom.startsWith('Les ')) expect(words).toBe(`aux ${bare.slice(4)}`)
    else if (nom.startsWith('Aux ')) expect(words).toBe(`aux ${bare.slice(4)}`)
    else if (nom.startsWith('Île-')) expect(words).toBe(`à l'${bare}`)
    else expect(words).toBe(`à ${bare}`)
    expect(words).not.toMatch(/^à (?:Le|Les|Aux) |\s{2}|\s$|[()’]/u)
  }
})

test('knows every commune whose name has an "et" of its own', () => {
  for (const { nom } of communes.filter(({ type, nom }) => type === 'commune-actuelle' && / et /.test(nom)))
    if (!nom.startsWith('Îles '))
      expect(zoneWords(communesWords(['Riom', nom, 'Thiers']))).toBe(`à Riom, à ${nom} et à Thiers`)
})

test('reads the article of a name as INSEE codes it', () => {
  const at = ['à ', 'à ', 'au ', 'à La ', 'aux ', "à L'", 'aux ', 'à Las ', 'à Los ']
  const others = communes.filter(
    ({ nom, typeLiaison }) => typeLiaison !== undefined && !atName(nom).startsWith(at[typeLiaison] ?? '?'),
  )
  // INSEE does not code these two articles.
  expect(others.map(({ nom }) => nom).sort()).toEqual(['Le Vernet-Chaméane', 'Mont-Dore'])
})

test('writes the alerted area as a message does', () => {
  const thiers = { name: 'Thiers', liaison: 0 }
  expect(zoneWords(areaWords({ kind: 'commune', ...thiers }))).toBe('à Thiers')
  expect(zoneWords(areaWords({ kind: 'neighbours', name: 'Thiers' }))).toBe('à Thiers et communes voisines')
  expect(zoneWords(areaWords({ kind: 'radius', kilometres: 2.5, around: thiers, exact: true }))).toBe(
    'à Thiers et 2,5 km autour',
  )
  const issoire = { name: 'Issoire', liaison: 1 }
  for (const label of [
    areaWords({ kind: 'epci', name: "CA Agglo Pays d'Issoire", nature: 'CA', town: issoire }),
    areaWords({ kind: 'departement', name: 'Puy-de-Dôme', liaison: 2 }),
    areaWords({ kind: 'sector', name: 'Limagne' }),
    areaWords({ kind: 'sector', name: 'Secteur Nord' }),
  ])
    expect(zoneWords(label)).toBe(label)
  expect(zoneWords("agglomération d'Issoire")).toBe("agglomération d'Issoire")
})

test.each([
  [['Issoire'], 'à Issoire'],
  [['Issoire', 'Thiers'], 'à Issoire et Thiers'],
  [['Château-Chinon', 'Cans et Cévennes', 'Matoury'], 'à Château-Chinon, à Cans et Cévennes et à Matoury'],
  [['Le Mont-Dore', 'Cans et Cévennes', 'Riom'], 'au Mont-Dore, à Cans et Cévennes et à Riom'],
  [['Concarneau', 'Île-Tudy'], "à Concarneau et à l'Île-Tudy"],
  [['La Bourboule', 'Mont-Dore'], 'à La Bourboule et au Mont-Dore'],
  [['Mont-Dore', 'La Bourboule', 'Issoire'], 'au Mont-Dore, La Bourboule et Issoire'],
  [['Issoire', 'Les Ancizes-Comps', 'Le Cendre'], 'à Issoire, aux Ancizes-Comps et au Cendre'],
  [['Issoire', 'Le Cendre', 'Riom', 'Thiers'], 'à Issoire, au Cendre et 2 autres communes'],
])('writes a list of communes with its prepositions: %j, %s', (names, words) =>
  expect(zoneWords(areaWords({ kind: 'communes', names }))).toBe(words),
)

test('names the area without the suffix of a list, and with the article that people say', () => {
  const bors = { name: 'Bors (Canton de Charente-Sud)', liaison: 0 }
  expect(areaWords({ kind: 'neighbours', name: bors.name })).toBe('Bors et communes voisines')
  const montDore = { name: 'Mont-Dore', liaison: 2 }
  const near = areaWords({ kind: 'radius', kilometres: 10, around: montDore, exact: false })
  expect(near).toBe('secteur du Mont-Dore (10 km)')
  expect(zoneWords(areaWords({ kind: 'radius', kilometres: 10, around: null, exact: false }))).toBe(
    'dans un rayon de 10 km',
  )
})

test('writes a single commune like the place of the facts, for every commune', () => {
  for (const { nom, typeLiaison } of communes) {
    expect(zoneWords(areaWords({ kind: 'commune', name: nom, liaison: typeLiaison ?? 0 }))).toBe(atName(nom))
  }
})
