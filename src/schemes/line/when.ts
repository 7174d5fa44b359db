import { DAY_MS, instantOfField, MINUTE_MS, toFieldValue } from '../../message/clock.ts'
import { isCountedBy } from './known-words.ts'
import { FACT_WORDS, STREETS } from './lexicon.ts'
import { countWords, spellingOf, type Word } from './words.ts'

/** When it happened, as a line says it. */
export interface SaidWhen {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Minutes before the call, when the line counts them. */
  readonly ago: number | null
  /** Whether only a part of the day was said ("ce matin"), so that the hour is a guess. */
  readonly isAbout: boolean
}

interface Term {
  readonly from: number
  readonly count: number
}
type Part = 'morning' | 'noon' | 'afternoon' | 'evening' | 'night'

/**
 * The time that a line states. `used`: the positions of the words that state it; `facts`: those of them that are kept as facts,
 * because they say more than the hour.
 */
export interface WhenFound {
  readonly when: SaidWhen
  readonly used: readonly number[]
  readonly facts: readonly number[]
}

const NUMBERS: Readonly<Record<string, number>> = {
  un: 1,
  une: 1,
  deux: 2,
  trois: 3,
  quatre: 4,
  cinq: 5,
  six: 6,
  sept: 7,
  huit: 8,
  neuf: 9,
  dix: 10,
  douze: 12,
  quinze: 15,
  vingt: 20,
  trente: 30,
  quarante: 40,
}
const NUMBER = `\\d{1,3}|${Object.keys(NUMBERS).join('|')}`
const AGO =
  '(?:(?:il )?y a|il ya|ya|ilya|depuis|ca fait|voici|voila)(?: (?:environ|env|a peu pres|presque|moins de|plus de))?'
const MINUTES = new RegExp(`^(?:${AGO} ?)?(?:environ |env )?(${NUMBER}) ?(?:minutes?|mins?|mn|m)(?= |$)`)
/** Minutes whose unit was left out: "ya 10". */
const UNITLESS = /^(?:(?:il )?y a|il ya|ya|ilya) ?(\d{1,2})(?= (\S+)|$)/
const HOURS = new RegExp(`^${AGO} ?(${NUMBER}) ?(?:heures?|h)(?: ?(?:(\\d{2})|(et demie)))?(?= |$)`)
const SPANS: readonly (readonly [RegExp, number])[] = (
  [
    ['(?:une )?(?:petite )?(?:demi|1 2) heure', 30],
    ['(?:un )?(?:petit )?quart d heure', 15],
    ['(?:trois|3) quarts d heure|3[/ ]4 d heure', 45],
    ['une dizaine de minutes', 10],
    ['une quinzaine de minutes', 15],
    ['une vingtaine de minutes', 20],
    ['(?:quelques|qq|qques) (?:minutes?|min|mn)', 5],
  ] as const
).map(([words, minutes]) => [new RegExp(`^(?:${AGO} )(?:${words})(?= |$)`), minutes])
const NOW =
  /^(?:a l ?instant(?: meme)?|maintenant|en ce moment|tout de suite|a l heure actuelle|vient d avoir lieu|vient de se produire|vient d arriver|vient de se passer|en cours|il y a un instant)(?= |$)/
const ABOUT = '(?:a|vers|vers les|env|environ|aux environs de|aux alentours de|depuis) '
/** Minutes before or after a full hour. */
const QUARTERS: Readonly<Record<string, number>> = {
  'et quart': 15,
  'et demie': 30,
  'et demi': 30,
  'moins le quart': -15,
  'moins quart': -15,
  'moins cinq': -5,
  'moins dix': -10,
  'moins vingt': -20,
}
const QUARTER = Object.keys(QUARTERS).join('|')
const LATER = 'du mat(?:in)?|du soir|de l aprem|de l apres midi|de la nuit'
const CLOCK = new RegExp(
  `^(?:${ABOUT})?(\\d{1,2})(?: ?(?:heures?|h|hr)(?: ?(\\d{2})| (${QUARTER}))?|:(\\d{2})(?! ?(?:€|euros?)))(?: (${LATER}))?(?= |$)`,
)
/** An hour in words needs a word that says it is one. */
const SPOKEN = new RegExp(
  `^(?:(${ABOUT})|)(${Object.keys(NUMBERS).slice(0, 12).join('|')}) heures?(?: (\\d{2}|${QUARTER}))?(?: (${LATER}))?(?= |$)`,
)
/** Four digits are an hour when they end as people round it, and are no year. */
const DIGITS = new RegExp(`^(${ABOUT})?([01]\\d|2[0-3])([0-5][05])(?! ?(?:€|euros?|km|m|kg)(?: |$))(?= |$)`)
const NOON = new RegExp(`^(?:a |vers )?(?:midi|(minuit))(?: (\\d{2}|${QUARTER}))?(?= |$)`)
const DAYS = ['dimanche', 'lundi', 'mardi', 'mercredi', 'jeudi', 'vendredi', 'samedi']
const WEEKDAY = new RegExp(`^(${DAYS.join('|')})(?: (?:dernier|passe))?(?= |$)`)
export const MONTHS =
  'janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre'.split(' ')
const DATE = new RegExp(
  `^(?:le |du )?(\\d{1,2})(?:/(\\d{1,2})(?:/(\\d{2,4}))?| (${MONTHS.join('|')}))(?= |$)`,
)
const PART =
  /^(?:(?:le |du |dans la |dans l |la )?(matin(?:ee)?|midi|apres midi|aprem|soir(?:ee)?|nuit))(?= |$)/
const RELATIVE =
  /^(?:(ce|cet|cette|dans la|dans l) (matin(?:ee)?|midi|apres midi|aprem|soir(?:ee)?|nuit|journee|jour)|(la nuit derniere|nuit derniere)|(avant hier|hier|aujourd hui))(?= |$)/
const PARTS: readonly (readonly [RegExp, Part])[] = [
  [/^matin/, 'morning'],
  [/^midi/, 'noon'],
  [/^ap/, 'afternoon'],
  [/^soir/, 'evening'],
  [/^nuit/, 'night'],
]
const HOUR_OF: Readonly<Record<Part, string>> = {
  morning: '08:00',
  noon: '12:00',
  afternoon: '15:00',
  evening: '20:00',
  night: '03:00',
}
/** Time by which the clock of a caller may be ahead. */
const AHEAD_MS = 2 * MINUTE_MS
/** The longest phrase, in words. */
const LONGEST = 13

interface SaidDay {
  /** Whether it has gone on since then: "depuis hier". */
  readonly isSince: boolean
  /** Days before today, or the date of a field. */
  readonly day: { readonly before: number } | { readonly weekday: number } | { readonly date: string } | null
  readonly part: Part | null
}

type Day = SaidDay & Term

/** An hour that was said. */
interface SaidClock {
  readonly hour: number
  readonly minute: number
}

/** Finds when it happened: minutes before the call, an hour, a day. @param now the call, in milliseconds */
export function findWhen(words: readonly Word[], now: number, timeZone: string): WhenFound | undefined {
  const context = { now, timeZone, today: toFieldValue(now, timeZone).slice(0, 10) }
  const ago = first(words, readAgo) ?? first(words, readUnitless)
  if (ago !== undefined) {
    const at = now - ago.minutes * MINUTE_MS
    return {
      when: { at, ago: ago.minutes, isAbout: false },
      used: [...indexes(ago), ...findSameHour(words, at, context)],
      facts: [],
    }
  }
  const { today } = context
  const between = first(words, (text) => readBetween(text, today))
  if (between?.day !== undefined) {
    const when = momentAt(between.clock, between.day, context)
    return { when, used: indexes(between), facts: indexes(between) }
  }
  const hours = between?.clock && { ...between, ...between.clock }
  const clock = hours ?? findClock(words)
  const ofClock = clock === undefined ? [] : indexes(clock)
  const day = first(words, (text, at) =>
    ofClock.includes(at) || isOfStreet(words, at) ? undefined : readDay(text, today),
  )
  if (clock === undefined && day === undefined) return undefined
  const ofDay = day === undefined ? [] : indexes(day)
  // The day goes into the hour of the facts, "ce matin" and "depuis hier" do not.
  const isDayFact = clock === undefined && (day?.part !== null || day.isSince)
  return {
    when: momentAt(clock, day, context),
    used: [...ofClock, ...ofDay],
    facts: hours !== undefined ? ofClock : isDayFact ? ofDay : [],
  }
}

function findClock(words: readonly Word[]): (SaidClock & Term) | undefined {
  return first(words, (text, at) => {
    const before = words[at - 1]?.key ?? ''
    // "Midi" is a part of the day in "cet après-midi".
    if (text.startsWith('midi') && /^(?:apres|ce|cet)$/.test(before)) return undefined
    // An amount, or a car: "de 1500", "Peugeot 1005"; the year of a street: "rue du 8 mai 1945".
    if (/^\d{4}(?: |$)/.test(text) && (isCounted(before) || MONTHS.includes(before))) return undefined
    return readClock(text)
  })
}

/** Minutes between an hour and a time before the call that mean the same. */
const SAME_MINUTES = 20

/** Finds the word that says the time once more as an hour: "18h, il y a 5 min". A bare "2h" may be two men. */
function findSameHour(words: readonly Word[], at: number, context: Context): number[] {
  const said = words.flatMap(({ key }, index) => {
    const clock = /^(?:[12]\dh|\d{1,2}h\d\d)$/.test(key) ? readClock(key) : undefined
    return clock === undefined ? [] : [{ ...clock, from: index, count: 1 }]
  })
  return said
    .filter((clock) => Math.abs(atClock(clock, undefined, context).at - at) <= SAME_MINUTES * MINUTE_MS)
    .flatMap(indexes)
}

interface Context {
  /** The call, in milliseconds. */
  readonly now: number
  readonly timeZone: string
  /** The day of the call. */
  readonly today: string
}

function momentAt(clock: SaidClock | undefined, day: SaidDay | undefined, context: Context): SaidWhen {
  return clock === undefined ? atDay(day, context) : atClock(clock, day, context)
}

/** Returns the time of an hour that was said, of the day that was said or the latest one. */
function atClock(clock: SaidClock, day: SaidDay | undefined, { now, timeZone, today }: Context): SaidWhen {
  const part = day?.part ?? null
  const date = dateOf(day?.day ?? null, today) ?? today
  const isLater = (part === 'evening' || part === 'afternoon') && clock.hour < 12
  const hour = isLater ? clock.hour + 12 : clock.hour
  const at = instantOf(date, `${two(hour)}:${two(clock.minute)}`, timeZone)
  // An hour that is not over yet was yesterday's.
  const isAhead = at > now + AHEAD_MS && (day === undefined || part !== null) && date === today
  return { at: Math.min(isAhead ? at - DAY_MS : at, now), ago: null, isAbout: false }
}

/** Returns about when it was on a day or in a part of it, without an hour. */
function atDay(day: SaidDay | undefined, { now, timeZone, today }: Context): SaidWhen {
  const part = day?.part ?? null
  const date = dateOf(day?.day ?? null, today) ?? today
  const at = instantOf(date, part === null ? '12:00' : HOUR_OF[part], timeZone)
  return { at: Math.min(at, now), ago: null, isAbout: true }
}

function isCounted(before: string): boolean {
  return /^(?:de|d|du|n|no|numero|code)$/.test(before) || FACT_WORDS.has(before) || STREETS.has(before)
}

/** Tells whether a date is the name of a street or of a building: "avenue du 8 mai". */
function isOfStreet(words: readonly Word[], at: number): boolean {
  let before = at - 1
  while (/^(?:du|de|le|la)$/.test(words[before]?.key ?? '')) before--
  const key = words[before]?.key ?? ''
  return (
    words[at]?.isBreak !== true && (STREETS.has(key) || /^(?:lycee|caserne|salle|gymnase|stade)$/.test(key))
  )
}

function indexes({ from, count }: Term): number[] {
  return Array.from({ length: count }, (_, no) => from + no)
}

/** Reads the first phrase that is one, from left to right. */
function first<T>(
  words: readonly Word[],
  read: (text: string, at: number) => (T & { readonly length: number }) | undefined,
): (T & Term) | undefined {
  for (let from = 0; from < words.length; from++) {
    const text = spellingOf(words, from, LONGEST)
    const found = read(text, from)
    if (found !== undefined) return { ...found, from, count: countWords(text.slice(0, found.length)) }
  }
  return undefined
}

function numberOf(text: string): number {
  return NUMBERS[text] ?? Number(text)
}

function readAgo(text: string): { minutes: number; length: number } | undefined {
  const minutes = MINUTES.exec(text)
  // "2 m" is a height as well.
  if (minutes !== null && !/^\d m$/.test(minutes[0]))
    return { minutes: numberOf(minutes[1] ?? ''), length: minutes[0].length }
  const hours = HOURS.exec(text)
  if (hours !== null) {
    const more = hours[3] === undefined ? Number(hours[2] ?? 0) : 30
    return { minutes: numberOf(hours[1] ?? '') * 60 + more, length: hours[0].length }
  }
  for (const [pattern, minutes] of SPANS) {
    const found = pattern.exec(text)
    if (found !== null) return { minutes, length: found[0].length }
  }
  const now = NOW.exec(text)
  return now === null ? undefined : { minutes: 0, length: now[0].length }
}

/** A number without its unit is minutes where nothing is counted by it. */
function readUnitless(text: string): { minutes: number; length: number } | undefined {
  const found = UNITLESS.exec(text)
  if (found === null) return undefined
  const [whole, , next] = found
  const minutes = Number(found[1])
  const isCounting = next !== undefined && (/[sx]$|^[\d€%/:]/.test(next) || isCountedBy(next, minutes))
  return isCounting || minutes === 0 ? undefined : { minutes, length: whole.length }
}

/** A moment as a line says it: a day or a part of it, an hour, or both in either order. */
interface Moment {
  readonly clock?: SaidClock
  readonly day?: SaidDay
  readonly length: number
}

/** Reads between which two moments it happened: "entre 2h et 4h", "entre hier 19h et ce matin 7h". Its start counts. */
function readBetween(text: string, today: string): Moment | undefined {
  const lead = 'entre '
  if (!text.startsWith(lead)) return undefined
  const start = readMoment(text.slice(lead.length), today)
  if (start === undefined) return undefined
  const rest = text.slice(lead.length + start.length)
  const lunch = start.clock?.hour === 12 ? /^ et (?:deux|2)(?= |$)/.exec(rest)?.[0] : undefined
  if (lunch !== undefined) return { ...start, length: text.length - rest.length + lunch.length }
  const link = ' et '
  const end = rest.startsWith(link) ? readMoment(rest.slice(link.length), today) : undefined
  if (end === undefined) return undefined
  const day = start.day ?? (end.day && dayOfStart(start.clock, { ...end, day: end.day }, today))
  return { ...start, ...(day && { day }), length: text.length - rest.length + link.length + end.length }
}

/** Returns the day of a start without one: the day before its end in "entre 22h et 5h ce matin". */
function dayOfStart(
  start: SaidClock | undefined,
  end: Moment & { readonly day: SaidDay },
  today: string,
): SaidDay {
  const date = dateOf(end.day.day, today)
  const isSameDay = start === undefined || end.clock === undefined || start.hour <= end.clock.hour
  if (isSameDay || date === null) return end.day
  return { day: { date: dateBefore(date, 1) }, part: null, isSince: false }
}

function readMoment(text: string, today: string): Moment | undefined {
  const before = readDay(text, today)
  const from = before === undefined ? 0 : before.length + 1
  const clock = readClock(text.slice(from))
  if (clock === undefined) return before && { day: before, length: before.length }
  const length = from + clock.length
  const after = before === undefined ? readDay(text.slice(length + 1), today) : undefined
  const day = before ?? after
  return { clock, ...(day && { day }), length: after === undefined ? length : length + 1 + after.length }
}

function readClock(text: string): (SaidClock & { readonly length: number }) | undefined {
  const noon = NOON.exec(text)
  if (noon !== null) {
    const hour = noon[1] === undefined ? 12 : 0
    return shifted(hour, noon[2], noon[0].length)
  }
  const found = CLOCK.exec(text)
  if (found !== null)
    return shifted(laterOf(Number(found[1]), found[5]), found[2] ?? found[3] ?? found[4], found[0].length)
  const spoken = SPOKEN.exec(text)
  if (spoken !== null && (spoken[1] ?? spoken[3] ?? spoken[4]) !== undefined)
    return shifted(laterOf(numberOf(spoken[2] ?? ''), spoken[4]), spoken[3], spoken[0].length)
  const digits = DIGITS.exec(text)
  if (digits === null || (digits[1] === undefined && digits[2] === '20')) return undefined
  return clockOf(digits[2], digits[3], digits[0].length)
}

function laterOf(hour: number, part: string | undefined): number {
  return /soir|apr/.test(part ?? '') && hour < 12 ? hour + 12 : hour
}

/** @param more minutes, in digits or as a part of an hour */
function shifted(hour: number, more: string | undefined, length: number) {
  const minutes = hour * 60 + (QUARTERS[more ?? ''] ?? Number(more ?? 0))
  if (hour > 23 || (more !== undefined && /^\d/.test(more) && Number(more) > 59)) return undefined
  const ofDay = (minutes + 1440) % 1440
  return clockOf(String(Math.floor(ofDay / 60)), String(ofDay % 60), length)
}

function clockOf(hour: string | undefined, minute: string | undefined, length: number) {
  const [h, m] = [Number(hour), Number(minute ?? 0)]
  return h <= 23 && m <= 59 ? { hour: h, minute: m, length } : undefined
}

function partOf(word: string): Part | null {
  return PARTS.find(([pattern]) => pattern.test(word))?.[1] ?? null
}

type DayRead = Pick<SaidDay, 'day' | 'part'> & { readonly length: number }

function readDay(text: string, today: string): (DayRead & Pick<SaidDay, 'isSince'>) | undefined {
  const lead = /^depuis (?:le )?/.exec(text)?.[0].length ?? 0
  const said = text.slice(lead)
  const found = readRelativeDay(said) ?? readWeekday(said) ?? readDate(said, today)
  return found && { ...found, length: lead + found.length, isSince: lead > 0 }
}

function readRelativeDay(text: string): DayRead | undefined {
  const relative = RELATIVE.exec(text)
  if (relative === null) return undefined
  const [whole, , said, night, hier] = relative
  if (said !== undefined) return { day: { before: 0 }, part: partOf(said), length: whole.length }
  if (night !== undefined) return { day: { before: 0 }, part: 'night', length: whole.length }
  const before = hier === 'hier' ? 1 : hier === 'avant hier' ? 2 : 0
  return withPart(text, whole, { before })
}

function readWeekday(text: string): DayRead | undefined {
  const weekday = WEEKDAY.exec(text)
  if (weekday === null) return undefined
  return withPart(text, weekday[0], { weekday: DAYS.indexOf(weekday[1] ?? '') })
}

function readDate(text: string, today: string): DayRead | undefined {
  const date = DATE.exec(text)
  if (date === null) return undefined
  const month = date[4] === undefined ? Number(date[2]) : MONTHS.indexOf(date[4]) + 1
  const year = date[3] === undefined ? Number(today.slice(0, 4)) : Number(date[3].padStart(4, '20'))
  if (month < 1 || month > 12 || Number(date[1]) < 1 || Number(date[1]) > 31) return undefined
  const asField = (of: number) => `${of}-${two(month)}-${two(Number(date[1]))}`
  // A date that is still to come was that of the year before.
  return withPart(text, date[0], { date: asField(year) > today ? asField(year - 1) : asField(year) })
}

/** Adds the part of the day that follows a day: "hier soir". */
function withPart(text: string, whole: string, day: NonNullable<Day['day']>): DayRead {
  const part = PART.exec(text.slice(whole.length + 1))
  return part === null
    ? { day, part: null, length: whole.length }
    : { day, part: partOf(part[1] ?? ''), length: whole.length + 1 + part[0].length }
}

function dateOf(day: SaidDay['day'], today: string): string | null {
  if (day === null) return null
  if ('date' in day) return day.date
  const weekday = new Date(`${today}T12:00Z`).getUTCDay()
  return dateBefore(today, 'before' in day ? day.before : (weekday - day.weekday + 7) % 7)
}

function dateBefore(date: string, days: number): string {
  return new Date(Date.parse(`${date}T12:00Z`) - days * DAY_MS).toISOString().slice(0, 10)
}

function instantOf(date: string, hour: string, timeZone: string): number {
  return instantOfField(`${date}T${hour}`, timeZone) ?? Number.NaN
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
