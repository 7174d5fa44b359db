import { LEGAL_FORMS, LINK_WORDS } from '../../members/business-words.ts'
import { searchName, simplifySpelling } from '../../territory/places/spelling.ts'
import { addDays, paymentReference } from '../rules.ts'
import { saysReturned } from './entry.ts'

/** Reasons for which a line needs a decision. */
export type DoubtReason =
  | 'amount'
  | 'debit'
  | 'name'
  | 'name_only'
  | 'paid'
  | 'recorded'
  | 'returned'
  | 'several'
  | 'twice'
  | 'unknown'

/** A member as a line of a statement may mean it. */
export interface PayerFacts {
  readonly id: string
  readonly name: string
  readonly commune: string
  /** Names of its contacts: a shop's dues are often paid from a private account. */
  readonly people: readonly string[]
  /** Ids of members merged into it: their references are on older letters. */
  readonly formerIds: readonly string[]
  readonly owedCents: number
  /** The sums, in cents, that would settle its oldest year, its two oldest years, and so on up to the whole debt. */
  readonly settling: readonly number[]
  readonly hasDebit: boolean
  /** The latest payments of the member. */
  readonly paid: readonly { readonly cents: number; readonly on: string }[]
}

export interface Credit {
  readonly id: string
  readonly bookedOn: string
  readonly amountCents: number
  readonly name: string
  readonly text: string
  /** A batch of transfers of which only the sum is known. */
  readonly isBatch?: boolean
}

export interface Judged {
  readonly verdict: 'sure' | 'doubtful' | 'unrelated'
  /** Reason for which the line is doubtful; null for the other verdicts. */
  readonly reason: DoubtReason | null
  /** The most likely first; one for a sure line. */
  readonly proposals: readonly PayerFacts[]
}

/** Words that say nothing about who a business is. */
const COMMON = new Set([...LEGAL_FORMS, ...LINK_WORDS, ...['m', 'mr', 'mme', 'mlle', 'monsieur', 'madame']])
const PROPOSALS = 3
/** A part of a name, by weight, from which on it is proposed when the amount is right. */
const LIKELY = 0.5
const WHOLE = 0.99
/** Days around a payment that was already recorded, within which the same amount may be the same money. */
const RECORDED_DAYS = 10

const wordsOf = (text: string): string[] =>
  searchName(text)
    .split(' ')
    .filter((word) => word !== '' && !COMMON.has(word))

/**
 * Matches credits with members, in this order: the reference that calls print, then the name. A line is sure if its reference
 * is of one member, its amount settles what that member owes for one or more whole years, and nothing speaks against it: no
 * debit under way, no such payment recorded already, no second line for the same dues, no other member named as the payer, no
 * word of a returned transfer ("impayé").
 */
export function matchCredits(
  schemeId: string,
  members: readonly PayerFacts[],
  credits: readonly Credit[],
): Map<string, Judged> {
  const index = indexOf(schemeId, members)
  const judged = new Map<string, Judged>()
  const settled = new Set<string>()
  for (const credit of credits) {
    const one = judge(index, credit)
    const member = one.verdict === 'sure' ? one.proposals[0]?.id : undefined
    if (member !== undefined && settled.has(member))
      judged.set(credit.id, { ...one, verdict: 'doubtful', reason: 'twice' })
    else judged.set(credit.id, one)
    if (member !== undefined) settled.add(member)
  }
  return judged
}

interface Index {
  readonly byReference: ReadonlyMap<string, readonly PayerFacts[]>
  readonly byWord: ReadonlyMap<string, readonly PayerFacts[]>
  readonly namesOf: ReadonlyMap<string, readonly (readonly string[])[]>
  readonly weightOf: (word: string) => number
  readonly scheme: string
}

function indexOf(schemeId: string, members: readonly PayerFacts[]): Index {
  const byReference = new Map<string, PayerFacts[]>()
  const byWord = new Map<string, PayerFacts[]>()
  const namesOf = new Map<string, string[][]>()
  const add = (map: Map<string, PayerFacts[]>, key: string, member: PayerFacts) => {
    const known = map.get(key)
    if (known === undefined) map.set(key, [member])
    else known.push(member)
  }
  for (const member of members) {
    for (const id of [member.id, ...member.formerIds])
      add(byReference, paymentReference(schemeId, id).slice(-8), member)
    const names = [member.name, ...member.people].map(wordsOf).filter((words) => words.length > 0)
    namesOf.set(member.id, names)
    for (const word of new Set(names.flat())) add(byWord, word, member)
  }
  return {
    byReference,
    byWord,
    namesOf,
    // A word of many members, such as "boulangerie", weighs little.
    weightOf: (word) => Math.log(1 + members.length / (byWord.get(word)?.length ?? 1)),
    scheme: schemeId.toUpperCase(),
  }
}

function judge(index: Index, credit: Credit): Judged {
  const named = namedIn(index, credit)
  const referred = referredIn(index, credit)
  if (referred.length > 1)
    return { verdict: 'doubtful', reason: 'several', proposals: referred.slice(0, PROPOSALS) }
  const [member] = referred
  if (member !== undefined) {
    const reason =
      (credit.isBatch === true ? 'several' : doubtAbout(member, credit)) ??
      (isOtherNamed(member, named) ? 'name' : saysReturned(simplifySpelling(credit.text)) ? 'returned' : null)
    if (reason === null) return { verdict: 'sure', reason, proposals: [member] }
    const others = reason === 'name' ? named.filter(({ score }) => score >= WHOLE) : []
    const proposals = [member, ...others.map((one) => one.member)].slice(0, PROPOSALS)
    return { verdict: 'doubtful', reason, proposals }
  }
  const likely = named.filter(
    ({ member: one, score }) =>
      one.settling.includes(credit.amountCents) ||
      (score >= WHOLE && one.owedCents > 0 && credit.amountCents < 2 * one.owedCents),
  )
  if (likely.length > 0) {
    // A business that owes nothing is proposed too: its second payment would go to one with a similar name.
    const inFull = [...likely, ...named].filter((one) => one.score >= WHOLE && one.words > 1)
    const proposals = [...new Set([...inFull, ...likely].map((one) => one.member))].slice(0, PROPOSALS)
    return { verdict: 'doubtful', reason: 'name_only', proposals }
  }
  // Says that it is about dues of this scheme, but not whose.
  const words = searchName(credit.text).split(' ')
  const isAboutDues =
    words.some((word) => word.startsWith('cotis')) || words.includes(index.scheme.toLowerCase())
  return isAboutDues
    ? {
        verdict: 'doubtful',
        reason: 'unknown',
        proposals: named.slice(0, PROPOSALS).map((one) => one.member),
      }
    : { verdict: 'unrelated', reason: null, proposals: [] }
}

function doubtAbout(member: PayerFacts, { amountCents, bookedOn }: Credit): DoubtReason | null {
  const isNear = (day: string) =>
    day >= addDays(bookedOn, -RECORDED_DAYS) && day <= addDays(bookedOn, RECORDED_DAYS)
  if (member.paid.some(({ cents, on }) => cents === amountCents && isNear(on))) return 'recorded'
  if (member.hasDebit) return 'debit'
  if (member.owedCents <= 0) return 'paid'
  return member.settling.includes(amountCents) ? null : 'amount'
}

/** Tells whether the line names another member in full, and not this one. */
function isOtherNamed(member: PayerFacts, named: readonly Named[]): boolean {
  const own = named.find((one) => one.member.id === member.id)?.score ?? 0
  return own < LIKELY && named.some((one) => one.member.id !== member.id && one.score >= WHOLE)
}

/** Finds the members whose references the line has. */
function referredIn(index: Index, credit: Credit): PayerFacts[] {
  const digits = referencesIn(index.scheme, credit)
  return [...new Set(digits.flatMap((one) => index.byReference.get(one) ?? []))]
}

/**
 * Finds the digits of what may be references in a line, as printed ("AC63 9F3A2B1C") or however the bank broke it; without the
 * scheme's code they must stand alone and hold a letter, since a date looks like eight hexadecimal digits too.
 */
export function referencesIn(schemeId: string, { name, text }: Pick<Credit, 'name' | 'text'>): string[] {
  const scheme = schemeId.toUpperCase()
  const written = `${text} ${name}`.toUpperCase()
  const found: string[] = []
  // People read 0 as O, and 1 as I or L.
  const add = (digits: string) => found.push(digits.replaceAll('O', '0').replace(/[IL]/g, '1'))
  const compact = written.replace(/[^A-Z0-9]/g, '')
  for (let at = compact.indexOf(scheme); at >= 0; at = compact.indexOf(scheme, at + 1)) {
    const digits = compact.slice(at + scheme.length, at + scheme.length + 8)
    if (/^[0-9A-FOIL]{8}$/.test(digits)) add(digits)
  }
  for (const word of written.split(/[^A-Z0-9]+/))
    if (/^[0-9A-FOIL]{8}$/.test(word) && /[A-F]/.test(word)) add(word)
  return found
}

/** Returns the contact whose name a line has, at least half of it, when the line has less of the name of the business; null otherwise. */
export function namedPerson(
  { name: business, people }: Pick<PayerFacts, 'name' | 'people'>,
  { name, text }: Pick<Credit, 'name' | 'text'>,
): string | null {
  const words = new Set(wordsOf(`${name} ${text}`))
  const shareOf = (own: string) => {
    const all = wordsOf(own)
    return all.length === 0 ? 0 : all.filter((word) => words.has(word)).length / all.length
  }
  const best = people.toSorted((a, b) => shareOf(b) - shareOf(a))[0]
  return best !== undefined && shareOf(best) >= LIKELY && shareOf(best) > shareOf(business) ? best : null
}

/** A member that a line may name. */
interface Named {
  readonly member: PayerFacts
  /** The part of the name that the line has, by weight: 1 in full. */
  readonly score: number
  /** The number of words of the name that the line has. */
  readonly words: number
}

/** Finds members by the words of their names, the best first. */
function namedIn({ byWord, namesOf, weightOf }: Index, { name, text }: Credit): Named[] {
  const words = new Set(wordsOf(`${name} ${text}`))
  const candidates = new Set<PayerFacts>()
  for (const word of words) {
    const members = byWord.get(word) ?? []
    // Words of very many members find nothing by themselves.
    if (members.length <= 300) for (const member of members) candidates.add(member)
  }
  const sum = (all: readonly string[]) => all.reduce((total, word) => total + weightOf(word), 0)
  const byScore = (a: Named, b: Named) => b.score - a.score || b.words - a.words
  const best = [...candidates].flatMap((member) => {
    const scored = (namesOf.get(member.id) ?? []).map((own) => {
      const found = own.filter((word) => words.has(word))
      return { member, score: sum(found) / sum(own), words: found.length }
    })
    return scored.sort(byScore).slice(0, 1)
  })
  return best
    .filter(({ score }) => score >= LIKELY)
    .sort((a, b) => byScore(a, b) || a.member.name.localeCompare(b.member.name, 'fr'))
}
