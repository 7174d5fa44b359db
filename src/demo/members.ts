import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import {
  type ContactRow,
  findSchemeRules,
  insertContacts,
  insertMembers,
  type MemberFields,
  refreshStatistics,
  splitIntoChunks,
} from '../members/store.ts'
import { inScheme } from '../platform/db.ts'
import { inNamedArea } from '../schemes/store.ts'
import type { TradeCode } from '../schemes/trades/trades.ts'
import { searchName } from '../territory/places/spelling.ts'

/** A commune over which members are distributed. */
export interface DemoCommune {
  readonly code: string
  readonly population: number
  readonly postalCodes: readonly string[]
  readonly latitude: number | null
  readonly longitude: number | null
}

export interface DemoMember extends MemberFields {
  readonly contacts: readonly ContactRow[]
}

/** Number of members by kind in each demo scheme. All are active. */
export const demoMembers = {
  ac63: { shops: 800, tobacconists: 300, companies: 0, farmers: 0 },
  ac39: { shops: 340, tobacconists: 0, companies: 0, farmers: 0 },
  ab03: { shops: 0, tobacconists: 300, companies: 0, farmers: 0 },
  ae43: { shops: 0, tobacconists: 0, companies: 250, farmers: 0 },
  aa63: { shops: 0, tobacconists: 0, companies: 0, farmers: 400 },
} as const

export type DemoScheme = keyof typeof demoMembers
type Kind = keyof (typeof demoMembers)[DemoScheme]

/** Trades of each kind, with their frequency, NAF code and the pattern of business names. */
const trades: Readonly<Record<Kind, readonly (readonly [TradeCode, number, string, string])[]>> = {
  shops: [
    ['general-shops', 12, '47.78C', 'Fleurs|Librairie|Maison|Cadeaux|Jouets|Pressing'],
    ['food-shops', 13, '47.11B', 'Épicerie|Primeurs|Supérette|Cave|Fromagerie|Marché'],
    ['bakeries', 13, '10.71C', 'Boulangerie|Pâtisserie|Fournil'],
    ['butchers', 6, '47.22Z', 'Boucherie|Charcuterie|Boucherie charcuterie'],
    ['pharmacies', 9, '47.73Z', 'Pharmacie'],
    ['jewellers', 3, '47.77Z', 'Bijouterie|Horlogerie|Bijouterie horlogerie'],
    ['opticians', 4, '47.78A', 'Optique|Lunetterie'],
    ['clothing', 8, '47.71Z', 'Prêt-à-porter|Chaussures|Boutique|Lingerie'],
    ['petrol-stations', 2, '47.30Z', 'Station|Relais'],
    ['banks-post', 2, '64.19Z', 'Agence bancaire|Crédit'],
    ['restaurants-bars', 11, '56.10A', 'Restaurant|Café|Brasserie|Auberge|Pizzeria'],
    ['hotels', 2, '55.10Z', 'Hôtel|Hôtel restaurant'],
    ['hairdressers-beauty', 7, '96.02A', 'Coiffure|Salon|Institut|Barbier'],
    ['garages', 4, '45.20A', 'Garage|Carrosserie|Automobiles'],
    ['tools-garden', 3, '47.52A', 'Quincaillerie|Motoculture|Jardinerie|Bricolage'],
    ['farm-machinery', 1, '46.61Z', 'Machines agricoles|Tracteurs'],
  ],
  tobacconists: [
    ['tobacco-press', 7, '47.26Z', 'Tabac|Tabac presse|Bar tabac|Bureau de tabac'],
    ['tobacco-press', 3, '47.62Z', 'Presse|Presse tabac|Point presse'],
  ],
  companies: [
    ['industry-construction', 8, '43.99C', 'Maçonnerie|Menuiserie|Charpente|Mécanique|Scierie|Plasturgie'],
    ['services-wholesale', 5, '46.73A', 'Négoce|Matériaux|Informatique|Assurances'],
    ['delivery-transport', 3, '49.41B', 'Transports|Messagerie|Ambulances'],
    ['garages', 3, '45.20A', 'Garage|Carrosserie'],
    ['food-shops', 2, '47.11D', 'Supermarché|Supérette'],
    ['tools-garden', 2, '47.52A', 'Quincaillerie|Motoculture'],
    ['farm-machinery', 1, '46.61Z', 'Machines agricoles'],
    ['scrap-dealers', 1, '38.32Z', 'Récupération|Recyclage'],
    ['petrol-stations', 1, '47.30Z', 'Station'],
    ['restaurants-bars', 2, '56.10A', 'Restaurant|Auberge'],
  ],
  farmers: [
    ['farmers', 4, '01.42Z', 'GAEC|Élevage|Ferme'],
    ['farmers', 3, '01.41Z', 'GAEC|Laiterie|Ferme'],
    ['farmers', 3, '01.11Z', 'EARL|Domaine|Céréales'],
    ['farmers', 2, '01.50Z', 'Ferme|Exploitation'],
    ['farmers', 1, '01.45Z', 'Bergerie|GAEC'],
  ],
}

/** No surnames: a demo names no real person. */
const PLACES = [
  ...[
    'de la Halle',
    'du Marché',
    'de la Gare',
    'du Centre',
    'de l’Église',
    'du Pont',
    'des Arcades',
    'de la Fontaine',
  ],
  ...[
    'des Volcans',
    'du Moulin',
    'de la Place',
    'de la Poste',
    'du Château',
    'du Lavoir',
    'des Tilleuls',
    'du Parc',
  ],
  ...[
    'de la Mairie',
    'du Beffroi',
    'de la Tour',
    'du Faubourg',
    'des Remparts',
    'de la République',
    'du Commerce',
  ],
  ...[
    'de la Couze',
    'des Sources',
    'du Vieux Bourg',
    'de la Croix',
    'des Quatre Routes',
    'du Carrefour',
    'de l’Avenue',
  ],
]
const FARM_PLACES = [
  ...[
    'des Crêtes',
    'du Puy',
    'de la Combe',
    'des Sagnes',
    'du Bois',
    'de la Limagne',
    'des Genêts',
    'du Plateau',
  ],
  ...[
    'de la Dore',
    'des Prades',
    'du Cheix',
    'de la Vergne',
    'du Ruisseau',
    'des Noyers',
    'de la Croix Blanche',
  ],
  ...['des Roches', 'du Haut', 'de la Rivière', 'des Bruyères', 'du Chêne', 'de la Montagne', 'des Champs'],
]
const PEOPLE = [
  ...[
    'Alice',
    'Amina',
    'Antoine',
    'Aurélie',
    'Bastien',
    'Béatrice',
    'Camille',
    'Cédric',
    'Chloé',
    'Claire',
    'Damien',
  ],
  ...[
    'David',
    'Élodie',
    'Emma',
    'Éric',
    'Fatima',
    'Florence',
    'Gaëlle',
    'Gilles',
    'Hélène',
    'Hugo',
    'Inès',
    'Jean',
  ],
  ...[
    'Julie',
    'Karim',
    'Laura',
    'Laurent',
    'Léa',
    'Louis',
    'Lucie',
    'Manon',
    'Marc',
    'Marie',
    'Mathieu',
    'Nadia',
  ],
  ...[
    'Nicolas',
    'Noémie',
    'Olivier',
    'Pascale',
    'Paul',
    'Pauline',
    'Philippe',
    'Rachid',
    'Sandrine',
    'Sophie',
  ],
  ...['Stéphane', 'Sylvie', 'Thomas', 'Valérie', 'Vincent', 'Yann', 'Zoé'],
]
const STREETS = [
  'rue de la République',
  'place du Marché',
  'rue de l’Église',
  'avenue de la Gare',
  'Grande Rue',
  'rue du Bourg',
]

/** Makes a generator of numbers in [0, 1) from a seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

export const pick = <T>(items: readonly T[], random: () => number): T =>
  items[Math.floor(random() * items.length)]!

/** Returns the digit that makes a number pass the Luhn check. */
function luhnDigit(digits: string): number {
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i])
    sum += i % 2 === 1 ? digit : digit < 5 ? digit * 2 : digit * 2 - 9
  }
  return (10 - (sum % 10)) % 10
}

/**
 * Returns a valid SIRET of no business: SIRENs that begin with 000 are never assigned. One for each n under
 * 999,900,000.
 */
export function demoSiret(n: number): string {
  const company = `000${String(n % 100_000).padStart(5, '0')}`
  const siren = `${company}${luhnDigit(company)}`
  const establishment = `${siren}${String(Math.floor(n / 100_000) + 1).padStart(4, '0')}`
  return `${establishment}${luhnDigit(establishment)}`
}

/** Returns the n-th number (under 10,000) of those that ARCEP reserves for fiction, in a shuffled order. */
function fictionMobile(n: number): string {
  return `+3363998${String((n * 7919 + 1) % 10_000).padStart(4, '0')}`
}

/** Returns the id of a scheme's n-th thing of a kind, the same at every start (UUID version 8, RFC 9562). */
export function demoId(schemeId: string, kind: 'member' | 'contact', rank: number): string {
  const scheme = createHash('sha256').update(`${schemeId} ${kind}`).digest('hex')
  return `${scheme.slice(0, 8)}-${scheme.slice(8, 12)}-8${scheme.slice(12, 15)}-8${scheme.slice(15, 18)}-${rank.toString(16).padStart(12, '0')}`
}

/** Weight of a commune for a kind: shops by population, farmers where few people live. */
function weightOf(kind: Kind, population: number): number {
  if (kind === 'farmers') return population > 8000 ? 0 : Math.min(population, 400) / (1 + population / 1500)
  // A hamlet has no shop; shops are in larger villages.
  return population < 150 ? 0 : population
}

/**
 * Distributes `count` members over the communes in proportion to their weights.
 * @returns the members of each commune, by commune code.
 */
function distributeCommunes(
  communes: readonly DemoCommune[],
  kind: Kind,
  count: number,
  random: () => number,
): DemoCommune[] {
  const sorted = communes.toSorted((a, b) => (a.code < b.code ? -1 : 1))
  const total = sorted.reduce((sum, commune) => sum + weightOf(kind, commune.population), 0)
  if (total === 0) return []
  const step = total / count
  const chosen: DemoCommune[] = []
  let next = random() * step
  let passed = 0
  for (const commune of sorted) {
    passed += weightOf(kind, commune.population)
    while (next < passed && chosen.length < count) {
      chosen.push(commune)
      next += step
    }
  }
  while (chosen.length < count) chosen.push(sorted.at(-1)!)
  return chosen
}

/** Assigns trades in proportion to their frequency, in random order. */
function assignTrades(kind: Kind, count: number, random: () => number) {
  const list = trades[kind]
  const total = list.reduce((sum, [, weight]) => sum + weight, 0)
  const bag = list.flatMap((one) => Array<typeof one>(one[1]).fill(one))
  const assorted = Array.from(
    { length: count },
    (_, i) => bag[Math.floor(((i + 0.5) * total) / count)] ?? list[0]!,
  )
  for (let i = count - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1))
    ;[assorted[i], assorted[other]] = [assorted[other]!, assorted[i]!]
  }
  return assorted
}

export interface GenerateOptions {
  readonly schemeId: string
  readonly communes: readonly DemoCommune[]
  readonly kind: Kind
  readonly count: number
  readonly seed: number
  /** Rank of the first member in its scheme; ids are derived from it. */
  readonly firstRank: number
  /** Rank of the first member in the whole installation; SIRETs are derived from it. */
  readonly firstSiret: number
  /** Returns the n-th mobile of the scheme; called with 0, 1, 2… */
  readonly mobile: (n: number) => string
  /** Number of mobiles already used. */
  readonly firstMobile?: number
}

/** One member in so many has a second contact, a landline, its own coordinates… */
const SECOND_CONTACT = 10
const LANDLINE = 40
const OWN_POINT = 20
/** …or the mobile of the previous member: an owner of two shops. */
const SHARED_OWNER = 120

/**
 * Generates fictional members, the same ones for the same seed. All are active with a contact that receives SMS;
 * some have a second contact, a landline, coordinates of their own, or the owner of the previous member.
 */
export function* generateMembers(options: GenerateOptions): Generator<DemoMember> {
  const { schemeId, kind, count } = options
  const random = seededRandom(options.seed)
  const communes = distributeCommunes(options.communes, kind, count, random)
  const kinds = assignTrades(kind, communes.length, random)
  const places = kind === 'farmers' ? FARM_PLACES : PLACES
  const taken = new Set<string>()
  let mobiles = options.firstMobile ?? 0
  let lastMobile = ''
  let contactRank = options.firstRank * 3
  for (const [i, commune] of communes.entries()) {
    const rank = options.firstRank + i
    const id = demoId(schemeId, 'member', rank)
    const [trade, , naf, words] = kinds[i]!
    let name = `${pick(words.split('|'), random)} ${pick(places, random)}`
    // Two members of one name in one commune would count as a double: try another name, then add a number.
    for (let tries = 0; tries < 5 && taken.has(`${commune.code} ${name}`); tries++) {
      name = `${pick(words.split('|'), random)} ${pick(places, random)}`
    }
    if (taken.has(`${commune.code} ${name}`)) name = `${name} ${rank + 1}`
    else taken.add(`${commune.code} ${name}`)
    const contacts: ContactRow[] = []
    const add = (mobile: string, sms: boolean, mail: boolean) => {
      const person = pick(PEOPLE, random)
      contacts.push({
        id: demoId(schemeId, 'contact', contactRank + contacts.length),
        memberId: id,
        person,
        mobile,
        mail: mail ? `${searchName(person)}.${rank}@example.org` : null,
        sms,
        position: contacts.length,
      })
    }
    const shares = rank % SHARED_OWNER === SHARED_OWNER - 1 && lastMobile !== ''
    const mobile = shares ? lastMobile : options.mobile(mobiles++)
    lastMobile = mobile
    add(mobile, true, random() < 0.6)
    if (rank % SECOND_CONTACT === 3) add(options.mobile(mobiles++), true, false)
    // 04 65 71 is reserved for fiction in the south-east.
    if (rank % LANDLINE === 7)
      add(
        `+3346571${String(options.firstSiret + i)
          .padStart(4, '0')
          .slice(-4)}`,
        false,
        false,
      )
    contactRank += 3
    const point = random() < 1 / OWN_POINT && commune.latitude !== null && commune.longitude !== null
    yield {
      id,
      name,
      searchName: searchName(name),
      siret: demoSiret(options.firstSiret + i),
      naf,
      naf2025: null,
      trade,
      communeCode: commune.code,
      address: `${1 + Math.floor(random() * 60)} ${pick(STREETS, random)}`,
      postalCode: commune.postalCodes[rank % commune.postalCodes.length] ?? null,
      joinedOn: null,
      latitude: point ? roundDegrees(commune.latitude! + (random() - 0.5) * 0.01) : null,
      longitude: point ? roundDegrees(commune.longitude! + (random() - 0.5) * 0.01) : null,
      status: 'active',
      contacts,
    }
  }
}

function roundDegrees(degrees: number): number {
  return Math.round(degrees * 1e5) / 1e5
}

const KINDS: readonly Kind[] = ['shops', 'tobacconists', 'companies', 'farmers']
/** Mobiles of each scheme, out of the 10,000 reserved for fiction: no number is in two schemes. */
const MOBILES: Readonly<Record<DemoScheme, number>> = {
  ac63: 0,
  ac39: 2000,
  ab03: 3000,
  ae43: 4000,
  aa63: 5000,
}

/** Generates the members of a demo scheme over the communes of its territory. */
export function demoMembersOf(schemeId: DemoScheme, communes: readonly DemoCommune[]): DemoMember[] {
  const members: DemoMember[] = []
  for (const kind of KINDS) {
    members.push(
      ...generateMembers({
        schemeId,
        communes,
        kind,
        count: demoMembers[schemeId][kind],
        seed: MOBILES[schemeId] + KINDS.indexOf(kind) + 1,
        firstRank: members.length,
        firstSiret: MOBILES[schemeId] + members.length,
        mobile: (n) => fictionMobile(MOBILES[schemeId] + n),
        firstMobile: members.reduce(
          (sum, member) => sum + member.contacts.filter((contact) => contact.sms).length,
          0,
        ),
      }),
    )
  }
  return schemeId === 'ac63' ? addTobacconistOfIssoire(members) : members
}

export const ISSOIRE = '63178'
/** Communes of the demo's stories, whose shops are not changed. */
export const STORIES: readonly string[] = [ISSOIRE, '63113']
export const TABAC_DE_LA_HALLE = 'Tabac de la Halle'

/** Adds the tobacconist who calls in the demo and in the story. */
function addTobacconistOfIssoire(members: readonly DemoMember[]): DemoMember[] {
  const here = members.filter((member) => member.communeCode === ISSOIRE)
  if (here.some((member) => member.name === TABAC_DE_LA_HALLE)) return [...members]
  const chosen = here.find((member) => member.trade === 'tobacco-press')
  return members.map((member) =>
    member === chosen
      ? { ...member, name: TABAC_DE_LA_HALLE, searchName: searchName(TABAC_DE_LA_HALLE), naf: '47.26Z' }
      : member,
  )
}

/** Lists the communes of the territory of a scheme. @throws AppError `unknown_scheme`. */
async function communesOfScheme(deps: Pick<Deps, 'db'>, schemeId: string): Promise<DemoCommune[]> {
  return inScheme(deps.db, schemeId, async (tx) => {
    const scheme = await findSchemeRules(tx, schemeId)
    if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
    return tx
      .selectFrom('communes')
      .select(['code', 'population', 'postalCodes', 'latitude', 'longitude'])
      .where(inNamedArea(scheme.territory))
      .execute()
  })
}

/**
 * Inserts the missing members of a demo scheme; existing ones are not changed.
 * @returns the number inserted.
 */
export async function seedDemoMembers(deps: Pick<Deps, 'db' | 'now'>, schemeId: DemoScheme): Promise<number> {
  const communes = await communesOfScheme(deps, schemeId)
  return writeDemoMembers(deps, schemeId, demoMembersOf(schemeId, communes))
}

async function writeDemoMembers(
  deps: Pick<Deps, 'db' | 'now'>,
  schemeId: string,
  members: readonly DemoMember[],
): Promise<number> {
  return inScheme(deps.db, schemeId, async (tx) => {
    const written = new Set<string>()
    for (const part of splitIntoChunks(members)) {
      for (const id of await insertMembers(tx, schemeId, part, deps.now())) written.add(id)
    }
    await refreshStatistics(tx, written.size)
    const contacts = members.filter((member) => written.has(member.id)).flatMap((member) => member.contacts)
    for (const part of splitIntoChunks(contacts)) await insertContacts(tx, schemeId, part)
    await refreshStatistics(tx, written.size)
    return written.size
  })
}

/**
 * Fills a scheme with any number of shops over its territory, the same ones for the same seed. For benches and the
 * simulator only: beyond the 10,000 mobiles reserved for fiction, the next ones (+33 6…, +33 7…) may belong to
 * real people. Streams, with a transaction every 20,000 members. Existing members are not changed.
 * @returns the number inserted.
 */
export async function seedGeneratedMembers(
  deps: Pick<Deps, 'db' | 'now'>,
  schemeId: string,
  count: number,
  options: { readonly seed?: number; readonly onProgress?: (done: number, total: number) => void } = {},
): Promise<number> {
  const communes = await communesOfScheme(deps, schemeId)
  let batch: DemoMember[] = []
  let done = 0
  let written = 0
  const flush = async () => {
    written += await writeDemoMembers(deps, schemeId, batch)
    done += batch.length
    batch = []
    options.onProgress?.(done, count)
  }
  const members = generateMembers({
    schemeId,
    communes,
    kind: 'shops',
    count,
    seed: options.seed ?? 1,
    firstRank: 0,
    firstSiret: 0,
    mobile: (n) => (n < 10_000 ? fictionMobile(n) : `+33${600_000_000 + n}`),
  })
  for (const member of members) {
    batch.push(member)
    if (batch.length === 20_000) await flush()
  }
  if (batch.length > 0) await flush()
  return written
}

/** Returns the id of the member who calls in the demo, once the scheme is seeded. */
export async function findTobacconistOfIssoire(deps: Pick<Deps, 'db'>): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    select id from members where scheme_id = 'ac63' and commune_code = ${ISSOIRE} and name = ${TABAC_DE_LA_HALLE}
    order by id limit 1`.execute(deps.db)
  return rows[0]?.id
}
