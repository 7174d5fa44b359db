import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_NAME, MAX_SECTORS } from './contract.ts'
import { readCommunes, sectorProblems } from './rules.ts'

const territory = [
  { code: '63178', name: 'Issoire', postalCodes: ['63500'] },
  { code: '63287', name: 'Perrier', postalCodes: ['63500'] },
  { code: '63360', name: 'Saint-Georges-sur-Allier', postalCodes: ['63800'] },
  { code: '63300', name: 'Riom', postalCodes: ['63200'] },
  { code: '63001', name: 'Aix', postalCodes: ['63980'] },
  { code: '63002', name: 'Aix', postalCodes: ['63300'] },
]
const codes = new Set(territory.map(({ code }) => code))

test('reads a typed list by name, INSEE and postal code, and returns ambiguous entries as unclear', () => {
  expect(
    readCommunes(
      'issoire, 63287; St Georges sur Allier\n63 200\n63500\nAIX\n63300\nParis, 75056,, issoire',
      territory,
    ),
  ).toEqual({
    found: [
      { code: '63178', name: 'Issoire' },
      { code: '63287', name: 'Perrier' },
      { code: '63360', name: 'Saint-Georges-sur-Allier' },
      { code: '63300', name: 'Riom' },
    ],
    unclear: [
      {
        typed: '63500',
        communes: [
          { code: '63178', name: 'Issoire' },
          { code: '63287', name: 'Perrier' },
        ],
      },
      {
        typed: 'AIX',
        communes: [
          { code: '63001', name: 'Aix' },
          { code: '63002', name: 'Aix' },
        ],
      },
      {
        // The INSEE code of one commune is the postal code of another.
        typed: '63300',
        communes: [
          { code: '63300', name: 'Riom' },
          { code: '63002', name: 'Aix' },
        ],
      },
    ],
    unknown: ['Paris', '75056'],
  })
})

test('reads a code with a name as one commune, on a line, in brackets or in columns', () => {
  const read = (text: string) => readCommunes(text, territory)
  const perrier = { found: [{ code: '63287', name: 'Perrier' }], unclear: [], unknown: [] }
  for (const typed of [
    '63287 Perrier',
    '63500 PERRIER',
    '63 500 Perrier',
    '63287 - Perrier',
    'Perrier (63500)',
    'perrier 63287',
    '63500 Perrier (63287)',
    '63287\tPerrier\t63500',
    'Perrier\t63500',
    '63287;Perrier;63500',
    '63500 ; Perrier\r\n63287\tPerrier\r\n',
  ])
    expect(read(typed), typed).toEqual(perrier)
  // When a code is both an INSEE and a postal code, the name decides.
  expect(read('63300 Riom\n63300\tAix').found.map(({ code }) => code)).toEqual(['63300', '63002'])
  // Columns about different communes are a list; words that match nothing are reported.
  expect(read('Riom;63287').found.map(({ code }) => code)).toEqual(['63300', '63287'])
  expect(read('63287 Riom\nParis (75056)')).toEqual({
    found: [],
    unclear: [],
    unknown: ['63287 Riom', 'Paris (75056)'],
  })
  expect(read('Aix (63500), 2A004, 63').unknown).toEqual(['Aix (63500)', '2A004', '63'])
})

test('finds each commune of a territory by its code and name in any combination', () => {
  const way = fc.constantFrom(
    (code: string, name: string) => `${code} ${name}`,
    (code: string, name: string) => `${name} (${code})`,
    (code: string, name: string) => `${code}\t${name}`,
    (code: string, name: string) => `${name};${code}`,
  )
  const one = fc.tuple(fc.constantFrom(...territory), fc.boolean(), way)
  fc.assert(
    fc.property(fc.array(one), (all) => {
      const lines = all.map(([{ code, name, postalCodes }, byPost, put]) =>
        put(byPost ? (postalCodes[0] ?? code) : code, name),
      )
      const { found, unclear, unknown } = readCommunes(lines.join('\n'), territory)
      expect([unclear, unknown]).toEqual([[], []])
      expect(new Set(found.map(({ code }) => code))).toEqual(new Set(all.map(([{ code }]) => code)))
    }),
  )
})

test('reports every problem of a sector at once', () => {
  const codeOf = (name: string, communeCodes: string[], others: string[] = []) =>
    sectorProblems({ name, communeCodes }, { others, territory: codes }).map(({ code, path }) => [code, path])
  expect(codeOf('Sud', ['63178'])).toEqual([])
  expect(codeOf(' – ', [])).toEqual([
    ['sector.name_empty', 'name'],
    ['sector.no_commune', 'communeCodes'],
  ])
  expect(codeOf('VAL   d’allier', ['63178', '39300', '75056'], ["Val d'Allier"])).toEqual([
    ['sector.name_taken', 'name'],
    ['sector.outside', 'communeCodes.1'],
    ['sector.outside', 'communeCodes.2'],
  ])
  const many = Array.from({ length: MAX_SECTORS }, (_, no) => `Secteur ${no}`)
  expect(codeOf('x'.repeat(MAX_NAME + 1), ['63178'], many)).toEqual([
    ['sector.name_long', 'name'],
    ['sector.too_many', undefined],
  ])
})
