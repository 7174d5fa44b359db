import { describe, expect, test } from 'vitest'
import { pickGateway, type RouteRule, ruleOf, rulesFor } from './routing.ts'

const gateways = [
  { name: 'a', simulated: false },
  { name: 'b', simulated: false },
  { name: 'lab', simulated: true },
]
const of = (...names: string[]) => names.map((name) => ({ name, weight: 1 }))
const rules: RouteRule[] = [
  { schemes: ['ac63'], prefixes: ['+262', '+596'], order: 'first', gateways: of('b') },
  { schemes: ['ac63'], order: 'first', gateways: of('a', 'b', 'lab') },
  { schemes: ['ac03'], order: 'first', gateways: of('lab') },
  { order: 'first', gateways: of('b', 'a') },
]

describe('rules for a broadcast', () => {
  test('are those of its scheme and those for all schemes, without simulated gateways', () => {
    const real = rulesFor(rules, gateways, { schemeId: 'ac63', simulated: false })
    expect(real.map((rule) => rule.gateways.map(({ name }) => name))).toEqual([['b'], ['a', 'b'], ['b', 'a']])
    // A rule with only simulated gateways does not apply to a real broadcast.
    const other = rulesFor(rules, gateways, { schemeId: 'ac03', simulated: false })
    expect(other.map((rule) => rule.gateways.map(({ name }) => name))).toEqual([['b', 'a']])
  })

  test('lead a simulated broadcast to simulated gateways only', () => {
    expect(rulesFor(rules, gateways, { schemeId: 'ac03', simulated: true })).toEqual([
      { order: 'first', gateways: of('lab') },
    ])
    expect(rulesFor([], gateways, { schemeId: 'ac03', simulated: true })).toHaveLength(1)
    expect(rulesFor(rules, gateways.slice(0, 2), { schemeId: 'ac63', simulated: true })).toEqual([])
  })
})

test.each([
  ['+262692000001', 'b'],
  ['+596696000001', 'b'],
  ['+33612345678', 'a'],
])('routes %s by the first rule that matches', (phone, expected) => {
  const rule = ruleOf(rulesFor(rules, gateways, { schemeId: 'ac63', simulated: false }), phone)
  expect(rule && pickGateway(rule, () => true, 0)).toBe(expected)
})

describe('the gateway of a rule', () => {
  test('is the first usable one in order', () => {
    const rule: RouteRule = { order: 'first', gateways: of('a', 'b', 'c') }
    expect(pickGateway(rule, () => true, 0.99)).toBe('a')
    expect(pickGateway(rule, (name) => name !== 'a', 0)).toBe('b')
    expect(pickGateway(rule, () => false, 0)).toBeUndefined()
  })

  test('is chosen by weight among the usable ones', () => {
    const rule: RouteRule = {
      order: 'weighted',
      gateways: [
        { name: 'a', weight: 3 },
        { name: 'b', weight: 1 },
        { name: 'c', weight: 4 },
      ],
    }
    const shares = (isUsable: (name: string) => boolean) => {
      const times: Record<string, number> = {}
      for (let i = 0; i < 800; i++) {
        const name = pickGateway(rule, isUsable, i / 800) ?? 'none'
        times[name] = (times[name] ?? 0) + 1
      }
      return times
    }
    expect(shares(() => true)).toEqual({ a: 300, b: 100, c: 400 })
    expect(shares((name) => name !== 'c')).toEqual({ a: 600, b: 200 })
    expect(shares(() => false)).toEqual({ none: 800 })
  })
})
