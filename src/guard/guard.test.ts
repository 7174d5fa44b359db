import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runsOf } from '../../test/support/random.ts'
import { segmentMessage } from '../message/segment.ts'
import { type GuardInput, guardLevels, guardText, type RemarkCode, remarkKinds } from './guard.ts'
import en from './messages/en.json' with { type: 'json' }
import fr from './messages/fr.json' with { type: 'json' }

const members = [
  'Bijouterie Maurel',
  'Tabac de la Halle',
  'Boulangerie',
  'Tabac',
  'Le Central',
  'E.Leclerc Issoire',
]
const places = ['Issoire', 'Riom', 'Thiers', 'Le Mont-Dore', 'Saint-Germain-Lembron']

function remarksOf(text: string, input: Partial<GuardInput> = {}) {
  return guardText({ level: 'established', memberNames: members, places, ...input, text })
}
const codesOf = (text: string, input: Partial<GuardInput> = {}) =>
  remarksOf(text, input).map(({ code }) => code)

test('has no remark on a message that follows the doctrine', () => {
  expect(remarksOf('Vol par ruse à Issoire à 17h30. Ne pas intervenir, appelez le 17.')).toEqual([])
  expect(remarksOf('')).toEqual([])
  expect(remarksOf(' \n')).toEqual([])
})

test('gives the position, the severity, the allowing level and the fix', () => {
  const text = 'Vol à Issoire à 17h30, voiture immatriculée AB-123-CD. Ne pas intervenir.'
  expect(remarksOf(text)).toEqual([
    {
      code: 'plate',
      start: text.indexOf('AB-'),
      end: text.indexOf('AB-') + 9,
      severity: 'block',
      allowedFrom: 'precise',
      fix: { text: 'Vol à Issoire à 17h30, voiture. Ne pas intervenir.', label: 'guard.fix.plate' },
    },
  ])
  expect(remarksOf(text, { level: 'precise' })).toEqual([])
})

describe('each level', () => {
  const text =
    'Issoire, 17h : un homme blond en Clio grise AB-123-CD, dit M. Durand, a volé la bijouterie Maurel. Appelez le 17.'
  test.each([
    [
      'prevention',
      ['suspect', 'person_description', 'vehicle_description', 'plate', 'person_name', 'member_name'],
    ],
    ['established', ['person_description', 'vehicle_description', 'plate', 'person_name', 'member_name']],
    ['precise', ['person_name']],
  ] as const)('%s', (level, codes) => {
    expect(codesOf(text, { level })).toEqual(codes)
  })

  test('number, sex and a bare kind of vehicle are established facts and block a prevention message', () => {
    const way =
      'Vol à Issoire à 17h : deux hommes et une femme à scooter, puis une fourgonnette. Appelez le 17.'
    expect(codesOf(way)).toEqual([])
    expect(
      remarksOf(way, { level: 'prevention' }).map(({ code, severity, start, end }) => [
        code,
        severity,
        way.slice(start, end),
      ]),
    ).toEqual([
      ['suspect', 'block', 'deux hommes'],
      ['suspect', 'block', 'une femme'],
      ['vehicle', 'block', 'à scooter'],
      ['vehicle', 'block', 'une fourgonnette'],
    ])
  })

  test.each([
    ['clothing', 'vêtu de noir'],
    ['age', "d'environ 30 ans"],
    ['build', 'de forte corpulence'],
    ['hair', 'cheveux blonds'],
    ['make', 'en Peugeot 406'],
    ['colour', "à bord d'une berline noire"],
  ])(
    '%s is a description, which requires precise elements unless the scheme chooses otherwise',
    (_, words) => {
      const text = `Vol à Issoire à 17h : un homme ${words}. Appelez le 17.`
      const levelsOf = (descriptionLevel?: 'established' | 'precise') =>
        guardLevels.map((level) =>
          remarksOf(text, { level, ...(descriptionLevel && { descriptionLevel }) })
            .filter(({ code }) => code.endsWith('_description'))
            .map(({ severity, allowedFrom }) => `${severity} ${allowedFrom}`),
        )
      expect(levelsOf()).toEqual([['block precise'], ['block precise'], []])
      expect(levelsOf('precise')).toEqual([['block precise'], ['block precise'], []])
      expect(levelsOf('established')).toEqual([['block established'], [], []])
    },
  )

  test('no choice of a scheme allows a plate or an origin at a lower level', () => {
    const text = 'Vol à Issoire à 17h : deux roumains en voiture AB-123-CD. Appelez le 17.'
    const at = (level: GuardInput['level']) => codesOf(text, { level, descriptionLevel: 'established' })
    expect(at('established')).toEqual(['origin', 'plate'])
    expect(at('precise')).toEqual(['origin'])
  })

  test('prevention need not name place and time', () => {
    const vague = 'Des vols en hausse.'
    expect(codesOf(vague, { level: 'prevention' })).toEqual(['missing_advice'])
    expect(codesOf(vague)).toEqual(['missing_place', 'missing_time', 'missing_advice'])
  })

  test('a text of a category that gives no time need not name one', () => {
    const notes = 'Faux billets Issoire. Ne pas intervenir.'
    expect(codesOf(notes)).toEqual(['missing_time'])
    expect(codesOf(notes, { needsTime: false })).toEqual([])
  })
})

test('place and advice are required of an alert about an offence, at every level; an hour is not at the level of prevention', () => {
  const vague = 'Des vols en hausse.'
  const at = (level: GuardInput['level'], aboutOffence: boolean) =>
    remarksOf(vague, { level, aboutOffence }).map(({ code, severity }) => `${severity} ${code}`)
  expect(at('prevention', true)).toEqual(['block missing_place', 'block missing_advice'])
  expect(at('established', true)).toEqual([
    'block missing_place',
    'warn missing_time',
    'block missing_advice',
  ])
  expect(at('prevention', false)).toEqual(['warn missing_advice'])
  expect(at('established', false)).toEqual(['warn missing_place', 'warn missing_time', 'warn missing_advice'])
})

test('the commune of the facts counts as a place outside the scheme too', () => {
  const text = 'Faux billets venant de Moulins à 17h. Ne pas intervenir.'
  expect(codesOf(text)).toEqual(['missing_place'])
  expect(codesOf(text, { ownPlaces: ['Moulins'] })).toEqual([])
})

test('characters that sending replaces cost nothing, so they are remarked only where nothing replaces them', () => {
  const text = 'Vol à Riom (Puy-de-Dôme) à 9h. Appelez le 17.'
  expect(codesOf(text)).toEqual(['not_gsm7'])
  expect(codesOf(text, { fold: true })).toEqual([])
  expect(codesOf(`${text} 🚨`, { fold: true })).toEqual(['not_gsm7'])
})

describe('what no level allows of a person', () => {
  const wordsOf = (text: string, code: RemarkCode) =>
    remarksOf(text, { level: 'precise' })
      .filter((one) => one.code === code)
      .map(({ start, end, severity }) => `${severity} ${text.slice(start, end)}`)
  test.each<[RemarkCode, string, string[]]>([
    ['birth_date', 'Paul Durand né le 12/03/1985', ['block né le 12/03/1985']],
    ['birth_date', 'Une femme née en 1990 à Riom', ['block née en 1990 à Riom']],
    ['birth_date', 'Un homme né(e) 1/2/1999', ['block né(e) 1/2/1999']],
    ['birth_date', 'Un homme naît le 12-03-87', ['block naît le 12-03-87']],
    ['birth_date', 'Dupuis Eric (12/05/1961)', ['block 12/05/1961']],
    ['birth_date', 'Faits du 12/03/2026, société née en 1990', []],
    ['person_name', 'Leblanc Thierry 15/08/1970', ['block Leblanc Thierry']],
    ['disability', 'Un homme en fauteuil roulant', ['block en fauteuil roulant']],
    ['disability', 'Une femme aveugle', ['block aveugle']],
    ['disability', "Place handicapé, angle aveugle, vol d'un fauteuil roulant, faux sourds-muets", []],
    ['minor', 'Trois mineurs et un adolescent', ['block mineurs', 'block adolescent']],
    ['minor', 'Garçon de 15 ans', ['block 15 ans']],
    ['minor', "Un individu d'une quinzaine d'années", ["block une quinzaine d'années"]],
    ['minor', 'Deux auteurs de moins de 18 ans', ['block moins de 18 ans']],
    ['minor', "Fermé depuis une quinzaine d'années, alcool interdit aux moins de 18 ans", []],
    ['minor', "Jouets pour enfants, vente interdite aux mineurs, parc d'enfants, depuis 12 ans", []],
  ])('%s: %s', (code, text, words) => {
    expect(wordsOf(text, code)).toEqual(words)
  })
})

test.each([
  'AB 1 2 3 CD',
  'DK*882*ZZ',
  'EH/512/RT',
  'G K 7 3 1 D L',
  'CV_204_XN',
  'AB - 123 - CD',
  'E.F. 908 G.H.',
  'dk 882 zz',
  'D K 8 8 2 Z Z',
  'A.B.1.2.3.C.D',
  'AB·123·CD',
  'AB=123=CD',
  'AB#123#CD',
  'AB\n123\nCD',
  '(AB)123(CD)',
  'ＡＢ：１２３：ＣＤ',
  'АВ-123-CD',
  'AB-I23-CD',
  'DK 88? ZZ',
  'DK 882 ??',
  'AB-12',
  'commençant par DK',
  '9 5 7 6 Z F 6 8',
  '1234AB63',
  'W-123-AB',
  'suisse GE 12345',
  'belge 1ABC123',
])('finds the plate typed as %s after its announcement', (plate) => {
  const text = `Vol à Issoire à 17h, plaque ${plate}, fuite vers Riom. Ne pas intervenir.`
  const remark = remarksOf(text).find(({ code }) => code === 'plate')
  expect(remark).toMatchObject({ severity: 'block' })
  expect(plate).toContain(text.slice(remark?.start, remark?.end))
})

test.each([
  'AB 1 2 3 CD',
  'DK*882*ZZ',
  'dk 882 zz',
  'D K 8 8 2 Z Z',
  'AB-I23-CD',
  'DK 882 ??',
  '9 5 7 6 Z F 6 8',
  'WW-123-AB',
  'B-AB 1234',
  '1-ABC-123',
])('finds the plate typed as %s behind a vehicle', (plate) => {
  expect(remarksOf(`Vol à Issoire à 17h, voiture ${plate}. Ne pas intervenir.`)).toContainEqual(
    expect.objectContaining({ code: 'plate', severity: 'block' }),
  )
})

test.each([
  'RN 89, sortie 12, de 12:30 à 14h',
  'CB, 100, 200 et 50 euros',
  'A75, PK 12, ZA 3',
  'lots de 20, 50 et 100 euros',
  'D 978 - 12 km',
  'modèle XT 660 Z, 600 cc',
  'du 12/03 au 14/03',
])('takes %s for no plate', (words) => {
  expect(codesOf(`Vol à Issoire à 17h, ${words}. Ne pas intervenir.`)).not.toContain('plate')
})

describe('members', () => {
  test.each([
    ['Vol au tabac de la Halle à Issoire à 9h. Appelez le 17.', ['member_name']],
    ['VOL AU TABAC DE LA HALLE, ISSOIRE, 9H. APPELEZ LE 17.', ['member_name', 'capitals']],
    ['Vol à la bijoutérie Morel à Issoire à 9h. Appelez le 17.', ['shop_name']],
    ['Vol à la bijouterie Maurrel à Issoire à 9h. Appelez le 17.', ['member_name']],
    ['Vol à la bijouterie Mauler à Issoire à 9h. Appelez le 17.', ['shop_name']],
    ['Vol au Leclerc à Issoire à 9h. Appelez le 17.', ['member_name']],
    ['Vol avenue Leclerc à Issoire à 9h. Appelez le 17.', []],
    ['Vol dans une boulangerie et un tabac à Issoire à 9h. Appelez le 17.', []],
    ['Vol au quartier central à Issoire à 9h. Appelez le 17.', []],
  ])('%s', (text, codes) => {
    expect(codesOf(text).sort()).toEqual([...codes].sort())
  })

  test('indexes a list once, and a new list again', () => {
    const text = 'Vol chez Fanget à Issoire à 9h. Appelez le 17.'
    expect(codesOf(text)).toEqual([])
    expect(codesOf(text, { memberNames: ['Optique Fanget'] })).toEqual(['member_name'])
  })
})

describe('missing elements', () => {
  test('are added by the fix from what the scheme and the report know', () => {
    const remarks = remarksOf('Vol avec violence', {
      place: "agglomération d'Issoire",
      occurredAt: '2026-07-02T15:30:00Z',
      advice: 'Ne pas intervenir, ne pas transférer SMS.',
    })
    expect(remarks.map(({ code, fix }) => [code, fix?.text])).toEqual([
      ['missing_place', "Agglomération d'Issoire : Vol avec violence"],
      ['missing_time', '17h30 : Vol avec violence'],
      ['missing_advice', 'Vol avec violence. Ne pas intervenir, ne pas transférer SMS.'],
    ])
  })

  test('cannot be added without that knowledge, except an advice', () => {
    expect(remarksOf('Vol avec violence').map(({ fix }) => fix?.label)).toEqual([
      undefined,
      undefined,
      'guard.fix.advice',
    ])
  })

  test('do not include the place when the places are unknown', () => {
    expect(guardText({ text: 'Vol à 9h. Appelez le 17.', level: 'established' })).toEqual([])
  })

  test("do not include an advice when the text has the scheme's own, whatever it says", () => {
    const text = 'Vol à Issoire à 9h. Consigne habituelle.'
    expect(codesOf(text)).toEqual(['missing_advice'])
    expect(codesOf(text, { advice: 'Consigne habituelle' })).toEqual([])
  })
})

describe('the commune of the facts', () => {
  const communes = ['Billom']
  const place = 'à Billom'
  const robbery = 'Vol à main armée département du Puy-de-Dôme à 5h55. Ne pas intervenir.'
  const named = (text: string, names: readonly string[] = communes) =>
    !codesOf(text, { communes: names }).includes('missing_commune')

  test('blocks a text that names another place, at every level, with a fix', () => {
    for (const level of guardLevels) {
      const found = remarksOf(robbery, { level, communes, place }).find(
        ({ code }) => code === 'missing_commune',
      )
      expect(found).toMatchObject({
        start: 0,
        end: 0,
        severity: 'block',
        allowedFrom: null,
        fix: {
          text: 'Vol à main armée département du Puy-de-Dôme à Billom à 5h55. Ne pas intervenir.',
          label: 'guard.fix.place',
        },
      })
    }
    expect(codesOf('Vol à 9h. Appelez le 17.', { communes })).toEqual(['missing_commune'])
    expect(codesOf(robbery)).not.toContain('missing_commune')
  })

  test.each([
    [
      'Vol à main armée vers 2h10. Ne pas intervenir.',
      'Vol à main armée à Billom vers 2h10. Ne pas intervenir.',
    ],
    ['Vol par ruse : deux hommes à 9h.', 'Vol par ruse à Billom : deux hommes à 9h.'],
    ['Vol par ruse', 'Vol par ruse à Billom'],
  ])('the fix inserts the place after the event: %s', (text, fixed) => {
    const found = remarksOf(text, { communes, place }).find(({ code }) => code === 'missing_commune')
    expect(found?.fix?.text).toBe(fixed)
  })

  test.each([
    ['VOL A BILLOM A 9H.', ['Billom']],
    ['Vol aux ancizes comps à 9h.', ['Les Ancizes-Comps']],
    ['Vol au Mont Dore à 9h.', ['Mont-Dore']],
    ['Vol à St-Eloy-les-Mines à 9h.', ['Saint-Éloy-les-Mines']],
    ['Vol à Saint Eloy à 9h.', ['Saint-Éloy-les-Mines']],
    ['Vol à Cournon à 9h.', ["Cournon-d'Auvergne"]],
    ['Vol à Dallet à 9h.', ['Dallet', 'Mur-sur-Allier']],
    ['Vol à Mur-sur-Allier à 9h.', ['Dallet', 'Mur-sur-Allier']],
    ['Vol au Cendre à 9h.', ['Le Cendre']],
  ])('"%s" names the commune of %j', (text, names) => expect(named(text, names)).toBe(true))

  test.each([
    ['Vol à Thiers à 9h.', ['Billom']],
    ['Vol à Saint-Éloy-la-Glacière à 9h.', ['Saint-Éloy-les-Mines']],
    ['Vol à Besse-et-Saint-Anastaise à 9h.', ['Besse']],
    ['Vol à main armée vers le port.', ['Le Port']],
    ['Vol à Mezel à 9h.', ['Dallet', 'Mur-sur-Allier']],
  ])('"%s" does not name the commune of %j', (text, names) =>
    expect(
      codesOf(text, {
        communes: names,
        places: [...places, 'Saint-Éloy-la-Glacière', 'Besse-et-Saint-Anastaise'],
      }),
    ).toContain('missing_commune'),
  )
})

describe('a place that is neither the commune of the facts nor the alerted area', () => {
  const known = [
    ...places,
    'Billom',
    'Lezoux',
    'Clermont-Ferrand',
    'Les Ancizes-Comps',
    'Le Port',
    'La Bourboule',
    'Job',
    'Rue',
    'Saint-Éloy-les-Mines',
    'Saint-Éloy-la-Glacière',
    'Limagne',
  ]
  const theft = { communes: ['Billom'], place: 'à Billom', places: known }
  const others = (text: string, area = "agglomération d'Issoire", input: Partial<GuardInput> = theft) =>
    remarksOf(text, { ...input, ownPlaces: ['Billom', area] })
      .filter(({ code }) => code === 'other_place')
      .map(({ start, end }) => text.slice(start, end))

  test.each([
    ['Vol à main armée à Thiers vers 2h10.', ['Thiers']],
    ['VOL A MAIN ARMEE A THIERS A 2H10.', ['THIERS']],
    ['vol par ruse à thiers, deux hommes', ['thiers']],
    ['Vol vers 2h10 à Thiers.', ['Thiers']],
    ['Vol aux Ancizes-Comps vers 2h10.', ['Ancizes-Comps']],
    ['Vol à Clermont vers 2h10.', ['Clermont']],
    ['Vol à la boulangerie de Thiers.', ['Thiers']],
    ['Vol place de la Halle à Thiers.', ['Thiers']],
    ['Chèques volés à La Bourboule.', ['La Bourboule']],
    ['Vol à Billom et à Thiers.', ['Thiers']],
    ['Vol à Saint-Éloy-la-Glacière.', ['Saint-Éloy-la-Glacière']],
  ])('is pointed out: %s', (text, found) => expect(others(text)).toEqual(found))

  test.each([
    'Vol à main armée à Billom vers 2h10 : deux hommes à scooter vers Lezoux.',
    'Vol à Billom : fuite en direction de Thiers.',
    'Vol à Billom : deux hommes partis à pied sur Lezoux.',
    'Vol à Billom, voiture venant de Riom.',
    'Vol à Billom, les auteurs ont été vus à Lezoux.',
    'Vol à Billom, route de Lezoux.',
    'Vol à Billom, rond-point de Lezoux.',
    'Vol à Billom, la brigade de Thiers est sur place.',
    'Vol à Billom, axe Lezoux Thiers.',
    'Vol à Billom, D212 entre Billom et Lezoux.',
    "Vol à Billom, dans l'agglomération d'Issoire.",
    'Vol à main armée à Billom : il sort du port et de son job.',
    'Vol à Billom dans la rue.',
    'Vol à Billom, M. Thiers.',
  ])('is not: %s', (text) => expect(others(text)).toEqual([]))

  test('is not when the text is about an area that it names, with some of its communes', () => {
    const notes = { place: "agglomération d'Issoire", places: known }
    expect(
      others("Faux billets agglomération d'Issoire, passés à Riom.", "agglomération d'Issoire", notes),
    ).toEqual([])
    expect(others('Faux billets à Thiers.', "agglomération d'Issoire", notes)).toEqual(['Thiers'])
    expect(others('Faux billets secteur Limagne.', 'secteur Limagne', notes)).toEqual([])
  })

  test('is replaced by the place of the facts, with its preposition', () => {
    const fixes = (text: string) =>
      remarksOf(text, { ...theft, place: 'au Mont-Dore', communes: ['Mont-Dore'], ownPlaces: ['Mont-Dore'] })
        .filter(({ code }) => code === 'other_place' || code === 'missing_commune')
        .map(({ code, fix }) => [code, fix?.text])
    expect(fixes('Vol à Thiers vers 2h10.')).toEqual([
      ['other_place', 'Vol au Mont-Dore vers 2h10.'],
      ['missing_commune', 'Vol au Mont-Dore vers 2h10.'],
    ])
    expect(fixes('Vol au Mont-Dore et à Thiers.')).toEqual([['other_place', undefined]])
  })

  test('is not looked for where the places of the message are unknown', () =>
    expect(codesOf('Vol à Thiers à 9h. Appelez le 17.', theft)).toEqual(['missing_commune']))
})

test('uses the local time of the place, not of metropolitan France', () => {
  const occurredAt = '2026-07-02T22:10:00Z'
  const text = 'Vol à Issoire. Appelez le 17.'
  const timeIn = (timeZone?: string) =>
    remarksOf(text, { occurredAt, ...(timeZone && { timeZone }) }).find(({ code }) => code === 'missing_time')
      ?.fix?.text
  expect(timeIn()).toBe('Vol à Issoire vers 0h10. Appelez le 17.')
  expect(timeIn('Indian/Reunion')).toBe('Vol à Issoire vers 2h10. Appelez le 17.')
  const hourRemarks = 'Vol à Issoire à 2h10. Appelez le 17.'
  expect(codesOf(hourRemarks, { occurredAt, timeZone: 'Indian/Reunion' })).toEqual([])
  expect(codesOf(hourRemarks, { occurredAt })).toEqual(['time_differs'])
})

describe('the day of the text and that of the facts', () => {
  const dayRemarks = (text: string, today: string) =>
    guardText({ text, level: 'established', occurredAt: '2026-11-27T21:00:00Z', today })
      .filter(({ code }) => code === 'day_differs')
      .map(({ start, end, fix }) => [text.slice(start, end), fix?.text])

  test.each([
    ['Vol à Issoire vers 22h.', '2026-11-27', []],
    ['Vol à Issoire hier vers 22h.', '2026-11-28', []],
    ['Vol à Issoire hier soir vers 22h.', '2026-11-28', []],
    ['Vol à Issoire le 27/11 vers 22h.', '2026-11-29', []],
    ['Vol à Issoire dans la nuit de vendredi à samedi, vers 22h.', '2026-11-29', []],
    ['Vol à Issoire.', '2026-11-28', []],
    ['Vol à Issoire vers 22h.', '2026-11-28', [['22h', 'Vol à Issoire hier vers 22h.']]],
    ['Vol à Issoire vers 22h.', '2026-11-29', [['22h', 'Vol à Issoire le 27/11 vers 22h.']]],
    // Written before midnight, and read after it.
    ['Vol à Issoire hier vers 22h.', '2026-11-29', [['hier', 'Vol à Issoire le 27/11 vers 22h.']]],
    ['Vol à Issoire hier vers 22h.', '2026-11-27', [['hier', 'Vol à Issoire vers 22h.']]],
    ['Vol à Issoire ce soir vers 22h.', '2026-11-28', [['ce soir', 'Vol à Issoire hier vers 22h.']]],
    ['Vol à Issoire le 26/11 vers 22h.', '2026-11-28', [['le 26/11', 'Vol à Issoire hier vers 22h.']]],
  ])('%s, read on %s', (text, today, found) => {
    expect(dayRemarks(text, today)).toEqual(found)
  })
})

describe('the hour of the text and that of the facts', () => {
  const at3 = '2026-07-02T01:00:00Z'
  const hourRemarks = (text: string, level: GuardInput['level'] = 'established', occurredAt = at3) =>
    guardText({ text: `${text}. Ne pas intervenir.`, level, occurredAt })
      .filter(({ code }) => code === 'time_differs')
      .map(({ start, end, fix }) => [text.slice(start, end), fix?.text])

  test('reports another hour, with that of the facts', () => {
    expect(hourRemarks('Vol à Issoire à 17h30')).toEqual([
      ['17h30', 'Vol à Issoire à 3h. Ne pas intervenir.'],
    ])
    expect(hourRemarks('Vol à Issoire à 17:30', 'precise')).toHaveLength(1)
  })
  test.each([
    ['the hour of the facts', 'Vol à Issoire à 3h'],
    ['the hour of the facts with its minutes', 'Vol à Issoire à 03h00'],
    ['a rounded hour', 'Vol à Issoire à 2h45'],
    ['several hours, one of them that of the facts', 'Vol à Issoire à 3h, fuite vers Riom à 3h40'],
    ['a text without an hour', 'Vol à Issoire cette nuit'],
    ['an hour of something else', "Vol à Issoire, commissariat ouvert jusqu'à 19h"],
    ['a span of hours', 'Vols à Issoire entre 22h et 4h'],
  ])('ignores %s', (_, text) => expect(hourRemarks(text)).toEqual([]))
  test('replaces none of several hours', () => {
    expect(hourRemarks('Vol à Issoire à 17h30, puis à Riom à 18h')).toEqual([['17h30', undefined]])
  })
  test('compares across midnight, and accepts an hour without minutes', () => {
    expect(hourRemarks('Vol à Issoire à 0h', 'established', '2026-07-01T21:55:00Z')).toEqual([])
    expect(hourRemarks('Vol à Issoire à 17h', 'established', '2026-07-02T15:58:00Z')).toEqual([])
  })
  test('ignores hours in prevention messages, which are not about facts', () => {
    expect(hourRemarks('Vols le soir vers 18h', 'prevention')).toEqual([])
  })
})

describe('form', () => {
  test('lowers capitals, except in places, acronyms and plates', () => {
    const [remark] = remarksOf('VOL A MAIN ARMEE A ISSOIRE A 17H30, LE PSIG EST SUR PLACE. NE PAS INTERVENIR')
    expect(remark).toMatchObject({
      code: 'capitals',
      fix: { text: 'Vol à main armee à Issoire à 17h30, le PSIG est sur place. Ne pas intervenir' },
    })
  })

  test('folds costly characters, removes emoji, keeps another alphabet', () => {
    const fixOf = (text: string) => remarksOf(text).find(({ code }) => code === 'not_gsm7')?.fix?.text
    expect(fixOf('Fenêtre forcée à Issoire à 9h…')).toBe('Fenetre forcée à Issoire à 9h...')
    expect(fixOf('🚨 Vol à Issoire 👮🏽‍♀️ à 9h')).toBe('Vol à Issoire à 9h')
    expect(remarksOf('Кража à Issoire à 9h. Appelez le 17.')).toMatchObject([{ code: 'not_gsm7', fix: null }])
    expect(codesOf('Vol a\u0300 Issoire a\u0300 9h. Appelez le 17.')).toEqual([])
  })

  test('reports where a text becomes too long', () => {
    const long = `Vol à Issoire à 9h. Appelez le 17. ${'a'.repeat(200)}`
    expect(remarksOf(long)).toMatchObject([{ code: 'long', start: 160, end: long.length, severity: 'warn' }])
    expect(remarksOf(long + long + long)).toMatchObject([{ code: 'too_long', start: 459, severity: 'block' }])
    expect(remarksOf(long, { maxParts: 1 })).toMatchObject([{ code: 'too_long' }])
  })
})

describe('texts', () => {
  const kinds = Object.entries(remarkKinds)
  const keys = [
    ...kinds.map(([code]) => `guard.${code}`),
    ...kinds.flatMap(([, { fix }]) => (fix === null ? [] : [`guard.fix.${fix}`])),
    ...guardLevels.map((level) => `guard.level.${level}`),
    'guard.level.never',
  ]
  test.each([
    ['fr', fr],
    ['en', en],
  ])('%s has a text for every remark, fix and level, and nothing else', (_lang, texts) => {
    expect(Object.keys(texts).sort()).toEqual([...new Set(keys)].sort())
  })
  test('prints French with its typography', () => {
    expect(Object.values(fr).filter((text) => /\p{L}'\p{L}|« | [;!?:»]/u.test(text))).toEqual([])
  })
})

/** Fragments that the finders search for, in any order: more likely to break them than random characters. */
const piece = fc.constantFrom(
  ...[
    'Vol à Issoire à 17h30.',
    'AB-123-CD',
    '9576 ZF 68',
    'AB',
    '123',
    'CD',
    'immatriculé',
    'plaque',
    'commençant par',
  ],
  ...[
    '06 39 98 00 01',
    '+33 6',
    '0639',
    'a@b.fr',
    '@',
    'www.x.fr',
    'https://',
    'x.fr/',
    'M.',
    'Mme',
    'Durand',
    'Le',
  ],
  ...[
    'nommé',
    'alias',
    "s'appelle",
    'Jean',
    'Martin',
    'au',
    'chez',
    'Leclerc',
    'bijouterie',
    'Maurel',
    'tabac',
    'de la',
  ],
  ...[
    'Halle',
    'individu',
    'un homme',
    'noir',
    'roumain',
    'de type',
    'maghrébin',
    "d'origine",
    'voyous',
    'des',
    'ces',
  ],
  ...[
    'le voleur',
    'est',
    'coupable',
    'déjà condamné',
    'blonde',
    'vêtu',
    'portant',
    'une casquette',
    'rouge',
    'et',
    ',',
  ],
  ...[
    '.',
    ' - ',
    '(',
    ')',
    '"',
    '«',
    '»',
    '\n',
    '…',
    '🚨',
    'ê',
    'VOL',
    'ARMEE',
    'NE PAS',
    'INTERVENIR',
    '1m80',
    'un black',
    'barbu',
    'à 14h',
    '30 ans',
  ],
)
const message = fc.oneof(
  fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(' ')),
  fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: 'grapheme', maxLength: 200 }),
)
const input = fc.record({
  text: message,
  level: fc.constantFrom(...guardLevels),
  memberNames: fc.constant(members),
  places: fc.constant(places),
  occurredAt: fc.constantFrom('2026-07-02T15:30:00Z', 'no instant'),
  place: fc.constantFrom('Issoire', 'à Issoire', "secteur d'Issoire", ''),
  communes: fc.constantFrom(['Issoire'], ['Dallet', 'Mur-sur-Allier']),
})

describe('properties', () => {
  test('a remark lies inside the text, and its fix leaves at least one less of its kind', () => {
    const countOf = (code: RemarkCode, of: GuardInput) =>
      guardText(of).filter((one) => one.code === code).length
    fc.assert(
      fc.property(input, (given) => {
        for (const { code, start, end, fix, severity } of guardText(given)) {
          expect(start).toBeGreaterThanOrEqual(0)
          expect(end).toBeLessThanOrEqual(given.text.length)
          expect(start < end || (start === 0 && end === 0)).toBe(true)
          expect(['block', 'warn']).toContain(severity)
          if (fix === null) continue
          expect(countOf(code, { ...given, text: fix.text })).toBeLessThan(countOf(code, given))
        }
      }),
      { numRuns: runsOf(800) },
    )
  })

  test('a higher level never remarks content that a lower one allows', () => {
    fc.assert(
      fc.property(input, (given) => {
        const at = (level: GuardInput['level']) =>
          guardText({ ...given, level })
            .filter(({ code }) => !['missing_place', 'missing_time', 'time_differs'].includes(code))
            .map(({ code, start, end }) => `${code} ${start} ${end}`)
        const [low, middle, high] = guardLevels.map((level) => new Set(at(level)))
        expect([...middle!].filter((one) => !low!.has(one))).toEqual([])
        expect([...high!].filter((one) => !middle!.has(one))).toEqual([])
      }),
      { numRuns: runsOf(300) },
    )
  })

  test('the fix folds exactly what sending folds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-composite', maxLength: 100 }), (text) => {
        const folded = segmentMessage(text, { fold: true })
        const fix = guardText({ text, level: 'prevention' }).find(({ code }) => code === 'not_gsm7')?.fix
        if (folded.encoding === 'GSM-7' && fix) expect(fix.text).toBe(folded.parts.join(''))
      }),
      { numRuns: runsOf(500) },
    )
  })
})

describe('speed', () => {
  const names = Array.from({ length: 10_000 }, (_, i) => {
    const trade = ['Tabac', 'Boulangerie', 'Pharmacie', 'Coiffure', 'Bar', 'Garage'][i % 6]
    const sound = (n: number) => ['ba', 'ri', 'mon', 'tel', 'vau', 'dre', 'lin', 'cho', 'sar', 'gue'][n % 10]!
    const name = `${sound(i)}${sound(Math.floor(i / 10))}${sound(Math.floor(i / 100))}${sound(Math.floor(i / 1000))}`
    return `${trade} ${name[0]!.toUpperCase()}${name.slice(1)}`
  })

  /** Returns the milliseconds of processor time of the fastest of several runs, because other processes use the machine too. */
  function timeOf(text: string): number {
    let best = Number.POSITIVE_INFINITY
    for (let run = 0; run < 12; run++) {
      const usage = process.cpuUsage()
      guardText({ text, level: 'established', memberNames: names, places })
      best = Math.min(best, process.cpuUsage(usage).user / 1000)
    }
    return best
  }

  const sentence =
    "Vol à la boulangerie Baribaba d'Issoire à 17h30 par un homme vêtu de noir, Clio AB-123-CD, appelez le 06 39 98 00 01. "
  const cases: readonly (readonly [string, string])[] = [
    ['an alert', sentence.slice(0, 160)],
    ['sentences', sentence.repeat(9).slice(0, 1000)],
    ['one trade', 'tabac '.repeat(170).slice(0, 1000)],
    ['one letter', 'a'.repeat(1000)],
    ['capitals', 'AB 12 '.repeat(170).slice(0, 1000)],
    ['digits', '0 '.repeat(500)],
    ['at signs', '@'.repeat(1000)],
    ['hyphens', 'a-'.repeat(500)],
    ['dots', 'a.'.repeat(500)],
    ['spaces', ' '.repeat(999).concat('a')],
    ['names', 'Jean M. Durand de '.repeat(60).slice(0, 1000)],
    ['plates', 'AB-123-CD '.repeat(100)],
  ]
  // 1 to 5 ms on a slow machine. A search of all members for each word would take seconds.
  test.each(cases)('%s: reads 1,000 characters with 10,000 members in a few milliseconds', (_name, text) => {
    expect(timeOf(text)).toBeLessThan(50)
  })

  test('stays fast on any long text', () => {
    for (const [, text] of cases) {
      const usage = process.cpuUsage()
      guardText({ text: text.repeat(10), level: 'established', memberNames: names, places })
      expect(process.cpuUsage(usage).user / 1000).toBeLessThan(2000)
    }
  })
})

describe('a member named by ordinary words', () => {
  const memberNames = ['Café de la Gare', 'Tabac Le Khédive', 'Bijouterie Morel']
  const passes = (text: string, passed: readonly string[] = []) =>
    guardText({ text: `${text}. Ne pas intervenir.`, level: 'established', memberNames, passed })
      .filter(({ code }) => code === 'member_name')
      .map(({ severity, pass, start, end }) => [text.slice(start, end), severity, pass])

  test('can be allowed, and then no longer forbids the text', () => {
    const text = 'Vol devant le café de la gare à 17h30'
    expect(passes(text)).toEqual([['café de la gare', 'block', 'possible']])
    expect(passes(text, ['Café de la gare'])).toEqual([['café de la gare', 'warn', 'done']])
    expect(passes(text, ['café'])).toEqual([['café de la gare', 'block', 'possible']])
  })

  const passOf = (memberName: string, text: string) =>
    guardText({ text: `${text}. Ne pas intervenir.`, level: 'established', memberNames: [memberName] })
      .filter(({ code }) => code === 'member_name')
      .map(({ pass }) => pass ?? 'never')

  test.each([
    ['Café de la Gare', 'Vol au café de la gare à 17h30', ['possible']],
    ['Café du Progrès', 'Vol au café du Progrès à 17h30', ['possible']],
    ['Café du Progrès', 'Vol au Progrès à 17h30', ['possible']],
    ['CAFE DU PROGRES', 'Vol au cafe du progres à 17h30', ['possible']],
    ['Boulangerie du Centre', 'Vol à la boulangerie du centre à 17h30', ['possible']],
    ['Tabac de la Mairie', 'Vol au tabac de la mairie à 17h30', ['possible']],
    ['Pharmacie du Théâtre', 'Vol à la pharmacie du théâtre à 17h30', ['possible']],
    ['Hôtel des Voyageurs', "Vol à l'hôtel des voyageurs à 17h30", ['possible']],
    // Kinds of shops alone name none.
    ['Bar des Sports', 'Vol au bar des Sports à 17h30', []],
    ['Café du Commerce', 'Vol au café du commerce à 17h30', []],
    // A single ordinary word is in every text, so it is not looked for.
    ['Le Commerce', 'Vol dans le commerce à 17h30', []],
    ['Le Central', 'Vol au Central à 17h30', []],
    ['Dupont Opticien', 'Vol chez Dupont Opticien à 17h30', ['never']],
    ['Maison Vernier', 'Vol à la maison Vernier à 17h30', ['never']],
    ['Chez Nadine', 'Vol chez Nadine à 17h30', ['never']],
    ['Café Gilbert', 'Vol au café Gilbert à 17h30', ['never']],
    ['Garage Renard', 'Vol au garage Renard à 17h30', ['never']],
  ] as const)('%s in “%s”: %j', (memberName, text, expected) => {
    expect(passOf(memberName, text)).toEqual(expected)
  })

  test('is another one than a name of its own, which nobody can pass', () => {
    for (const [text, name] of [
      ['Vol au tabac le Khédive à 17h30', 'tabac le Khédive'],
      ['Vol à la bijouterie Morel à 17h30', 'bijouterie Morel'],
    ] as const) {
      expect(passes(text, [name])).toEqual([[name, 'block', undefined]])
    }
  })
})
