import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { guardText } from '../../guard/guard.ts'
import { withReference } from '../../message/reference.ts'
import { segmentMessage } from '../../message/segment.ts'
import { readyMade } from '../../schemes/ready-made.ts'
import { composeText, isAboutArea } from '../../schemes/texts/compose.ts'
import { alertPlaceWords, communeNames, factsPlaceWords } from '../../schemes/texts/whereabouts.ts'
import { usualName, zoneWords } from '../../territory/places/naming.ts'
import { type AreaFacts, areaWords, type Named } from '../../territory/places/rules.ts'
import { openingText } from '../follow-up/texts.ts'

interface Division {
  readonly code: string
  readonly nom: string
  readonly typeLiaison?: number
  readonly departement?: string
  readonly type?: string
}

function readDivisions(name: 'communes' | 'departements'): Division[] {
  const path = createRequire(import.meta.url).resolve(`@etalab/decoupage-administratif/data/${name}.json`)
  return JSON.parse(readFileSync(path, 'utf8')) as Division[]
}

/** Communes by article, elision, hyphens, Saint-, length and territory. */
const NAMES = `
  Issoire, Billom, Thiers, Riom, Ambert, Aulnat, Orcines, Herment, Égliseneuve-près-Billom, Clermont-Ferrand,
  Mont-Dore, Le Cendre, Le Vernet-Chaméane, Le Puy-en-Velay, Le Tampon, Le Lamentin, Le Monêtier-les-Bains, Le Mans,
  La Bourboule, La Tour-d'Auvergne, La Possession, La Roche-sur-Yon, La Haye,
  Les Ancizes-Comps, Les Martres-de-Veyre, Les Sables-d'Olonne, Les Avirons, Les Trois-Bassins, Les Anses-d'Arlet,
  L'Isle-Adam, L'Haÿ-les-Roses, L'Étang-Salé, L'Ajoupa-Bouillon, Aux Marais, Los Masos,
  Saint-Éloy-les-Mines, Saint-Denis, Sainte-Rose, Saint-Laurent-du-Maroni, Saint-Germain-près-Herment,
  Saint-Étienne-sur-Usson, Saints-en-Puisaye,
  Besse-et-Saint-Anastaise, Cournon-d'Auvergne, Chambaron sur Morge, Mur-sur-Allier, Aydat, Ytrac, Yssingeaux, Haguenau,
  Hyères, Eu, Y, Oô, Œting, Uzès, Bors (Canton de Charente-Sud), Château-Chinon (Ville), Cans et Cévennes,
  Matoury`
/** Names of merged communes that callers still use. */
const FORMER: Readonly<Record<string, string>> = {
  'Mur-sur-Allier': 'Dallet',
  'Chambaron sur Morge': 'Cellule',
  'Besse-et-Saint-Anastaise': 'Besse-en-Chandesse',
  'Le Vernet-Chaméane': 'Vernet-la-Varenne',
}

const allCommunes = readDivisions('communes')
const departements = new Map(readDivisions('departements').map((one) => [one.code, one]))

interface Commune extends Named {
  readonly departement: Named
  readonly formerName: string | null
}

function findCommune(typed: string): Commune {
  const name = typed.trim().replace(/\s+/gu, ' ')
  const found = allCommunes.find(({ nom, type }) => nom === name && type === 'commune-actuelle')
  const departement = departements.get(found?.departement ?? '')
  if (found === undefined || departement === undefined) throw new Error(`${name} is no commune`)
  return {
    name,
    liaison: found.typeLiaison ?? 0,
    departement: { name: departement.nom, liaison: departement.typeLiaison ?? 0 },
    formerName: FORMER[name] ?? null,
  }
}

const communes = NAMES.split(',').map(findCommune)

/** Every kind of area around a commune; the next ones of the list are its companions. */
function areasOf(commune: Commune, index: number): Record<string, AreaFacts> {
  const others = [1, 2, 3, 4, 5].map((step) => communes[(index + step) % communes.length]!.name)
  const radius = { kind: 'radius', kilometres: 10 } as const
  const epci = { kind: 'epci', name: 'unused', town: commune } as const
  return {
    'la commune': { kind: 'commune', ...commune },
    'la commune et ses voisines': { kind: 'neighbours', name: commune.name },
    'un rayon autour d’elle': { ...radius, around: commune, exact: true },
    'un rayon près d’elle': { ...radius, around: commune, exact: false },
    'son agglomération': { ...epci, nature: 'CA' },
    'sa communauté de communes': { ...epci, nature: 'CC' },
    'sa métropole': { ...epci, nature: 'METRO' },
    'son arrondissement': { kind: 'arrondissement', ...commune },
    'son département': { kind: 'departement', ...commune.departement },
    'un secteur du dispositif': { kind: 'sector', name: `${usualName(commune.name)} et sa couronne` },
    'trois communes': { kind: 'communes', names: [commune.name, ...others.slice(0, 2)] },
    'six communes': { kind: 'communes', names: [commune.name, ...others] },
    'deux zones': {
      kind: 'union',
      parts: [
        { ...epci, nature: 'CA' },
        { kind: 'departement', ...commune.departement },
      ],
    },
  }
}

/** Facts as an operator types them, within what established facts allow. */
const FACTS: Readonly<Record<string, string>> = {
  'armed-robbery': 'deux hommes à scooter vers le nord',
  'trick-theft': 'une femme détourne la caissière',
  'group-theft': 'quatre personnes vident un rayon',
  fraud: 'faux ordre de virement',
  burglary: 'vitrine brisée par un véhicule',
  assault: 'un client menace avec un couteau',
  damage: 'plusieurs vitrines brisées cette nuit',
  'fuel-theft': 'cuve siphonnée cette nuit',
  'goods-theft': 'bâche de camion découpée cette nuit',
  'farm-equipment-theft': 'GPS démonté sur un tracteur',
  'livestock-theft': 'douze brebis cette nuit',
  'crop-fire': 'meules de paille en bord de route',
  prevention: 'vols dans les véhicules de livraison',
}
/** The typed place within the commune. */
const DETAILS = ['', 'place de la Halle', 'Tabac de la Halle, 3 rue du Pont', '', 'parking', 'Chez Paulette']

const categories = [
  ...new Map(readyMade.flatMap((scheme) => scheme.categories.map((one) => [one.code, one]))).values(),
]
const advice = readyMade[0]!.closingAdvice
const LONGEST_REFERENCE = '63A-26-0123'

interface Case {
  readonly template: string
  readonly text: string
  readonly units: number
  readonly parts: number
  readonly commune: Commune
  readonly areaLabel: string
}

function compose(
  { code, template }: (typeof categories)[number],
  commune: Commune,
  {
    area,
    detail = '',
    date = null,
  }: {
    readonly area: AreaFacts
    readonly detail?: string | undefined
    readonly date?: string | null
  },
): Case {
  const areaLabel = areaWords(area)
  const text = composeText(template, {
    lieu: factsPlaceWords({ commune, place: detail }),
    zone: zoneWords(areaLabel),
    heure: '22h10',
    date,
    faits: FACTS[code],
    conseil: advice,
  })
  const { parts, units } = segmentMessage(withReference(text, LONGEST_REFERENCE), { fold: true })
  return { template, text, units, parts: parts.length, commune, areaLabel }
}

const cases = categories.flatMap((category) =>
  communes.flatMap((commune, index) =>
    Object.entries(areasOf(commune, index)).map(([kind, area]) => ({
      ...compose(category, commune, { area }),
      category,
      kind,
    })),
  ),
)

/** The end of an update as an operator writes it, in words that the guard lets pass. */
const NEWS = 'Les deux hommes ont été vus à Lezoux vers 23h.'

/** Follow-ups of each commune, with the categories and the kinds of area in turn. */
const followUps = (['update', 'correction', 'all_clear'] as const).flatMap((kind) =>
  communes.map((commune, index) => {
    const category = categories[index % categories.length]!
    const kinds = Object.values(areasOf(commune, index))
    const areaLabel = areaWords(kinds[index % kinds.length]!)
    const placeWords = alertPlaceWords(category.template, { commune, areaLabel })
    const opening = openingText(kind, { category, placeWords, reference: LONGEST_REFERENCE })
    const text = kind === 'all_clear' ? opening : `${opening}${NEWS}`
    const { parts, units } = segmentMessage(withReference(text, LONGEST_REFERENCE), { fold: true })
    return { kind, text, units, parts: parts.length, placeWords }
  }),
)

/** The cases with different sentences: the area changes nothing in the text about a place. */
const distinct = [...new Map(cases.map((one) => [one.text, one])).values()]

/** Returns a sentence of the table: the advice is the same everywhere, so that it is left out. */
const said = (text: string) => text.replace(` ${advice}`, '')
const line = ({ units, text }: Pick<Case, 'units' | 'text'>) => `${String(units).padStart(4)}  ${said(text)}`

test('the table of sentences', async () => {
  const lines: string[] = [
    'Sentences proposed for each category, kind of area and commune, without their advice:',
    `  ${advice}`,
    'In front: the length of the SMS in septets with advice and reference; 160 make one SMS.',
  ]
  for (const category of categories) {
    if (isAboutArea(category.template)) continue
    lines.push('', `== ${category.labelFr}`)
    for (const [index, commune] of communes.entries()) {
      const detail = DETAILS[index % DETAILS.length]
      lines.push(line(compose(category, commune, { area: { kind: 'commune', ...commune }, detail })))
    }
  }
  for (const category of categories.filter(({ template }) => isAboutArea(template))) {
    for (const kind of Object.keys(areasOf(communes[0]!, 0))) {
      lines.push('', `== ${category.labelFr}, ${kind}`)
      const of = cases.filter((one) => one.category === category && one.kind === kind)
      // The area is written as for counterfeit notes: some of them are enough.
      lines.push(...of.filter((_, index) => category.code !== 'prevention' || index % 10 === 0).map(line))
    }
  }
  for (const [index, date] of ['hier', 'le 27/11'].entries()) {
    lines.push('', `== Faits d'un autre jour : ${date}`)
    for (const [at, category] of categories.entries()) {
      if (category.level === 'prevention') continue
      const commune = communes[(at * 2 + index) % communes.length]!
      lines.push(
        line(
          compose(category, commune, { area: { kind: 'commune', ...commune }, detail: DETAILS[index], date }),
        ),
      )
    }
  }
  for (const [kind, heading] of [
    ['update', 'Mise à jour'],
    ['correction', 'Rectificatif'],
    ['all_clear', "Fin d'alerte"],
  ] as const) {
    lines.push('', `== ${heading}`, ...followUps.filter((one) => one.kind === kind).map(line))
  }
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('sentences.txt')
})

describe(`each of ${cases.length} sentences`, () => {
  test('has no contraction left undone, no doubled word or preposition, no trace of a missing value', () => {
    const wrong =
      /(?<!\p{L})(?:de|à) (?:Le|Les|Aux) |(?<!\p{L})(?:à|au|aux|de|du|des|d'|l') ?(?:à|au|aux|de|du|des) |(?<!\p{L})(\p{L}{2,}) \1(?!\p{L})|[()]{2}| {2}|[{}’]|: \.|, ?[.:]|d'(?![aeiouyhœéèêAEIOUYHÉÈÊÎÔŒ])|(?<!\p{L})de [AEIOUÉÈÊÎÔŒ]/u
    expect(distinct.filter(({ text }) => wrong.test(text)).map(({ text }) => text)).toEqual([])
  })

  test('names the place of the facts, whatever the area, or the area where the category is about one', () => {
    for (const one of cases) {
      const place = isAboutArea(one.template)
        ? zoneWords(one.areaLabel)
        : factsPlaceWords({ commune: one.commune, place: '' })
      expect(one.text).toContain(` ${place}`)
    }
    for (const category of categories.filter(({ template }) => !isAboutArea(template))) {
      const of = cases.filter((one) => one.category === category)
      expect(new Set(of.map(({ text }) => text)).size).toBe(communes.length)
    }
  })

  test('is one SMS with its reference', () => {
    const lists = ['trois communes', 'six communes', 'deux zones']
    // A category with an advice of its own leaves less room, and a list of communes as well.
    const isUnusual = ({ template, kind, commune }: (typeof cases)[number]) =>
      isAboutArea(template) ? lists.includes(kind) : commune.name.length > 20
    const long = distinct.filter((one) => one.parts > 1 && !isUnusual(one))
    expect(long.map(({ text, units }) => `${units} ${text}`)).toEqual([])
  })

  test('is one SMS with its reference for a follow-up with its news, which names the same place in the usual case', () => {
    expect(followUps.filter(({ parts }) => parts > 1).map(({ text, units }) => `${units} ${text}`)).toEqual(
      [],
    )
    const unnamed = followUps.filter(({ text, placeWords }) => !text.includes(placeWords))
    expect(unnamed.length).toBeLessThanOrEqual(followUps.length / 6)
  })

  test('has no remark of the guard about its place', () => {
    const places = communes.map(({ name }) => name)
    const found = distinct.flatMap(({ text, commune, areaLabel, template }) =>
      guardText({
        text,
        level: 'established',
        places,
        place: alertPlaceWords(template, { commune, areaLabel }),
        ownPlaces: [...communeNames({ commune }), areaLabel],
        ...(!isAboutArea(template) && { communes: communeNames({ commune }) }),
      })
        .filter(({ code }) => code.endsWith('_commune') || code.endsWith('_place'))
        .map(({ code }) => `${code} ${text}`),
    )
    expect(found).toEqual([])
  })
})
