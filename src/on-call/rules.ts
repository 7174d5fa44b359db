import { localTimeOf } from '../message/clock.ts'
import type { OnCallHours, OnCallRole } from './contract.ts'

const DAY = 1440
export const WEEK = 7 * DAY

/** A part of the week in minutes from Monday midnight, `to` excluded; at most the end of the week. */
export interface WeekPart {
  readonly from: number
  readonly to: number
}

function minutesOf(hour: string): number {
  return Number(hour.slice(0, 2)) * 60 + Number(hour.slice(3))
}

/** Returns the parts of the week that hours cover: one a day, or two for the night from Sunday to Monday. */
export function partsOf({ days, from, to }: Pick<OnCallHours, 'days' | 'from' | 'to'>): WeekPart[] {
  const [start, end] = [minutesOf(from), minutesOf(to)]
  const length = end > start ? end - start : end - start + DAY
  return days.flatMap((day) => {
    const begin = day * DAY + start
    if (begin + length <= WEEK) return [{ from: begin, to: begin + length }]
    return [
      { from: begin, to: WEEK },
      { from: 0, to: begin + length - WEEK },
    ]
  })
}

/** Returns the minute of the week of an instant in a time zone. */
export function minuteOfWeek(at: number, timeZone: string): number {
  const { year, month, day, hour, minute } = localTimeOf(at, timeZone)
  const weekday = (new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDay() + 6) % 7
  return weekday * DAY + Number(hour) * 60 + Number(minute)
}

interface Person {
  readonly id: string
  readonly name: string
  readonly role: OnCallRole
  readonly hours: readonly OnCallHours[]
}

interface Absence {
  readonly personId: string
  readonly substituteId: string | null
  /** Milliseconds. */
  readonly from: number
  readonly until: number
}

/** Returns the best rank of a person in a minute of the week; undefined when they are not on call. */
export function rankAt({ hours }: Pick<Person, 'hours'>, minute: number): number | undefined {
  const ranks = hours
    .filter((one) => partsOf(one).some(({ from, to }) => from <= minute && minute < to))
    .map(({ rank }) => rank)
  return ranks.length === 0 ? undefined : Math.min(...ranks)
}

/**
 * Lists the people of a role who are on call at an instant, in the order in which they are called. An absent person is replaced by
 * their substitute, in turn by the substitute's own when both are away; nobody is listed twice.
 */
export function listOnCall<P extends Person>(
  rota: { readonly people: readonly P[]; readonly absences: readonly Absence[]; readonly timeZone: string },
  role: OnCallRole,
  at: number,
): P[] {
  const minute = minuteOfWeek(at, rota.timeZone)
  const people = rota.people.filter((person) => person.role === role)
  const line = people
    .flatMap((person) => {
      const rank = rankAt(person, minute)
      return rank === undefined ? [] : [{ person, rank }]
    })
    .sort((a, b) => a.rank - b.rank || a.person.name.localeCompare(b.person.name, 'fr'))
  const present = line.flatMap(({ person }) => substituteOf(person, rota, at) ?? [])
  return present.filter((person, index) => present.indexOf(person) === index)
}

function substituteOf<P extends Person>(
  person: P,
  rota: { readonly people: readonly P[]; readonly absences: readonly Absence[] },
  at: number,
  seen: ReadonlySet<string> = new Set(),
): P | undefined {
  const away = rota.absences.find(
    ({ personId, from, until }) => personId === person.id && from <= at && at < until,
  )
  if (away === undefined) return person
  const substitute = rota.people.find(({ id }) => id === away.substituteId)
  if (substitute === undefined || seen.has(substitute.id)) return undefined
  return substituteOf(substitute, rota, at, new Set([...seen, person.id]))
}

/** A person in the line of a call-out: on call at its start, or one of those who are called last. */
export interface InLine {
  readonly id: string
  readonly onCall: boolean
}

/**
 * Returns whom to call for a role: those on call in order, then everyone else of the role. Accounts that may not decide, such as
 * the author's, are left out.
 */
export function lineOf<P extends Person & { readonly userId: string | null }>(
  rota: Parameters<typeof listOnCall<P>>[0],
  role: OnCallRole,
  { at, without }: { readonly at: number; readonly without: readonly string[] },
): InLine[] {
  const mayDecide = ({ userId }: P) => userId === null || !without.includes(userId)
  const onCall = listOnCall(rota, role, at).filter(mayDecide)
  const isAway = ({ id }: P) =>
    rota.absences.some(({ personId, from, until }) => personId === id && from <= at && at < until)
  const others = rota.people
    .filter((person) => person.role === role && mayDecide(person) && !onCall.includes(person))
    .filter((person) => !isAway(person))
    .sort((a, b) => a.name.localeCompare(b.name, 'fr'))
  return [
    ...onCall.map(({ id }) => ({ id, onCall: true })),
    ...others.map(({ id }) => ({ id, onCall: false })),
  ]
}

/** Lists the parts of the week in which no person of a role is on call, joined where they touch. */
export function gapsOf(people: readonly Pick<Person, 'hours' | 'role'>[], role: OnCallRole): WeekPart[] {
  const covered = people
    .filter((person) => person.role === role)
    .flatMap(({ hours }) => hours.flatMap(partsOf))
    .sort((a, b) => a.from - b.from)
  const gaps: WeekPart[] = []
  let end = 0
  for (const part of covered) {
    if (part.from > end) gaps.push({ from: end, to: part.from })
    end = Math.max(end, part.to)
  }
  if (end < WEEK) gaps.push({ from: end, to: WEEK })
  return gaps
}
