import { DAY_MS } from '../../../../src/message/clock.ts'
import type { OnCallPerson } from '../../../../src/on-call/contract.ts'
import { partsOf, rankAt } from '../../../../src/on-call/rules.ts'
import { useText } from '../../../ui/format/text.ts'
import classes from './OnCall.module.css'

const DAY = 1440
/** A Monday. */
const MONDAY = Date.UTC(2026, 0, 5)

/** Returns the words of a minute of the week: "lundi 8 h"; or its day alone. */
export function useDayWords(): (minute: number, what?: 'day') => string {
  const { lang, t } = useText()
  const format = new Intl.DateTimeFormat(lang, { weekday: 'long', timeZone: 'UTC' })
  return (minute, what) => {
    const day = format.format(MONDAY + Math.floor(minute / DAY) * DAY_MS)
    return what === 'day' ? day : t('settings.onCall.dayTime', { day, time: clockOfMinute(minute % DAY) })
  }
}

function clockOfMinute(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}

/** A part of a day with those on call in it, in order. */
interface Segment {
  readonly from: number
  readonly to: number
  readonly names: readonly string[]
}

/** Cuts a day where the hours of a person begin or end. */
function segmentsOf(people: readonly OnCallPerson[], day: number): Segment[] {
  const start = day * DAY
  const cuts = people
    .flatMap(({ hours }) => hours.flatMap(partsOf))
    .flatMap(({ from, to }) => [from, to])
    .filter((minute) => minute > start && minute < start + DAY)
  const edges = [...new Set([start, ...cuts, start + DAY])].sort((a, b) => a - b)
  const segments = edges.slice(1).map((to, index): Segment => {
    const from = edges[index] ?? start
    const names = people
      .map((person) => ({ person, rank: rankAt(person, from) }))
      .filter(({ rank }) => rank !== undefined)
      .sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0) || a.person.name.localeCompare(b.person.name))
      .map(({ person }) => person.name)
    return { from: from - start, to: to - start, names }
  })
  const joined: Segment[] = []
  for (const segment of segments) {
    const last = joined.at(-1)
    if (last !== undefined && last.names.join() === segment.names.join())
      joined[joined.length - 1] = { ...last, to: segment.to }
    else joined.push(segment)
  }
  return joined
}

/** The week of a role, a row a day: who is called first, and after whom. */
export function WeekTable(props: { people: readonly OnCallPerson[]; label: string }) {
  const { t } = useText()
  const words = useDayWords()
  const { people } = props
  return (
    <table className={classes.week} aria-label={t('settings.onCall.week', { role: props.label })}>
      <tbody>
        {[0, 1, 2, 3, 4, 5, 6].map((day) => (
          <tr key={day}>
            <th scope="row">{words(day * DAY, 'day')}</th>
            <td>
              <ul className={classes.day}>
                {segmentsOf(people, day).map(({ from, to, names }) => (
                  <li
                    key={from}
                    style={{ flexGrow: to - from }}
                    data-gap={names.length === 0 || undefined}
                    title={names.join(', ')}
                  >
                    <b>{names[0] ?? t('settings.onCall.nobody')}</b>
                    <small>
                      {clockOfMinute(from)}–{to === DAY ? '24:00' : clockOfMinute(to)}
                      {names.length > 1 &&
                        ` · ${t('settings.onCall.then', { names: names.slice(1).join(', ') })}`}
                    </small>
                  </li>
                ))}
              </ul>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
