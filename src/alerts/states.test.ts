import { expect, test } from 'vitest'
import { AlertStateName } from '../reports/contract.ts'
import { type AlertState, OVER } from '../schema.ts'
import { type AlertEvent, nextState, transitions } from './states.ts'

const states: readonly AlertState[] = AlertStateName.options
const events = [
  'change',
  'discard',
  'submit',
  'return',
  'reject',
  'approve',
  'order',
  'override',
  'unanswered',
  'sent',
  'update',
  'stop',
  'end',
  'expire',
] as const
// Fails to compile when an event is missing from the list above.
const everyEvent: Exclude<AlertEvent, (typeof events)[number]> extends never ? true : never = true

test('every pair of state and event', () => {
  expect(everyEvent).toBe(true)
  const matrix = states.map((state) => [state, ...events.map((event) => nextState(state, event) ?? '·')])
  const text = [['', ...events], ...matrix].map((row) =>
    row
      .map((cell) => cell.padEnd(13))
      .join('')
      .trimEnd(),
  )
  expect(text.join('\n')).toBe(
    [
      '             change       discard      submit       return       reject       approve      order        override     unanswered   sent         update       stop         end          expire',
      'draft        draft        discarded    submitted    ·            ·            ·            broadcasting broadcasting ·            ·            ·            ·            ·            ·',
      'submitted    draft        discarded    ·            returned     rejected     approved     ·            broadcasting broadcasting ·            ·            ·            ·            ·',
      'returned     draft        discarded    submitted    ·            ·            ·            ·            broadcasting ·            ·            ·            ·            ·            ·',
      'rejected     ·            ·            ·            ·            ·            ·            ·            ·            ·            ·            ·            ·            ·            ·',
      'approved     ·            ·            ·            returned     ·            ·            broadcasting ·            ·            ·            ·            ·            ·            ·',
      'broadcasting ·            ·            ·            ·            ·            ·            ·            ·            ·            active       broadcasting cancelled    ·            expired',
      'active       ·            ·            ·            ·            ·            ·            ·            ·            ·            ·            updated      ·            ended        expired',
      'updated      ·            ·            ·            ·            ·            ·            ·            ·            ·            ·            updated      ·            ended        expired',
      'ended        ·            ·            ·            ·            ·            ·            ·            ·            ·            ·            ·            ·            ·            ·',
      'cancelled    ·            ·            ·            ·            ·            ·            ·            ·            ·            ·            cancelled    ·            ·            ·',
      'expired      ·            ·            ·            ·            ·            ·            ·            ·            ·            ·            ·            ·            ·            ·',
      'discarded    ·            ·            ·            ·            ·            ·            ·            ·            ·            ·            ·            ·            ·            ·',
    ].join('\n'),
  )
})

test('counts as over exactly the states without a transition to another', () => {
  const states = AlertStateName.options
  const isOver = (state: AlertState) => Object.values(transitions[state]).every((next) => next === state)
  expect(states.filter(isOver).toSorted()).toEqual([...OVER].toSorted())
})
