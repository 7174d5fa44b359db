import { describe, expect, test } from 'vitest'
import { isSimulated } from '../deliveries/simulation.ts'
import { segmentMessage } from '../message/segment.ts'
import { draftRefusals, expiryOfOrder, formatReference, laneOf } from './rules.ts'

const admitted = ['bakeries', 'jewellers']
const refusals = (text: string, trades: string[] = []) =>
  draftRefusals({ text, trades }, segmentMessage(text, { fold: true }), admitted).map(
    ({ code, path, values }) =>
      [code, path, values?.parts ?? values?.code].filter((part) => part !== undefined).join(' '),
  )

describe('draftRefusals', () => {
  test.each<[string, string, string[], string[]]>([
    ['accepts a valid draft', 'Faux billets.', ['bakeries'], []],
    ['accepts a draft to all trades', 'Faux billets.', [], []],
    ['refuses an empty text', '  \n ', [], ['text_empty text']],
    ['accepts three parts', 'a'.repeat(459), [], []],
    ['refuses four parts', 'a'.repeat(460), [], ['text_too_long text 4']],
    ['accepts a text that fits once folded', 'ê'.repeat(459), [], []],
    ['refuses four parts of UCS-2', '漢'.repeat(202), [], ['text_too_long text 4']],
    [
      'refuses a trade of another scheme',
      'Faux billets.',
      ['bakeries', 'farmers'],
      ['unknown_trade trades.1 farmers'],
    ],
    [
      'reports every problem at once',
      '',
      ['x', 'y'],
      ['text_empty text', 'unknown_trade trades.0 x', 'unknown_trade trades.1 y'],
    ],
  ])('%s', (_, text, trades, expected) => {
    expect(refusals(text, trades)).toEqual(expected)
  })
})

test.each<[string, number, number, boolean, string]>([
  ['63', 2026, 142, false, '63-26-0142'],
  ['39', 2005, 1, false, '39-05-0001'],
  ['63', 2026, 12345, false, '63-26-12345'],
  ['63', 2026, 14, true, '63-26-X014'],
  ['63A', 2026, 1234, true, '63A-26-X1234'],
])('makes from %s %i %i (exercise: %s) the reference %s', (prefix, year, number, isExercise, expected) => {
  expect(formatReference(prefix, year, number, isExercise)).toBe(expected)
})

test('gives a draft ordered late its full lifetime', () => {
  const draft = { createdAt: new Date('2026-03-12T10:00:00Z'), expiresAt: new Date('2026-03-12T22:00:00Z') }
  expect(expiryOfOrder(draft, new Date('2026-03-12T10:20:00Z'))).toEqual(new Date('2026-03-12T22:20:00Z'))
})

test('sends the highest severity first', () => {
  expect(laneOf).toEqual({ vital: 'vital', alert: 'alert', notice: 'service' })
})

test.each<[string, boolean, boolean[], boolean]>([
  ['simulates in the demo, whatever the gateways', true, [false], true],
  ['does not simulate with real gateways', false, [false], false],
  ['does not simulate with one real gateway among others', false, [true, false], false],
  ['simulates with simulated gateways only', false, [true, true], true],
  ['does not simulate without gateways', false, [], false],
])('%s', (_, demo, simulated, expected) => {
  expect(
    isSimulated(
      demo,
      simulated.map((one) => ({ simulated: one })),
    ),
  ).toBe(expected)
})
