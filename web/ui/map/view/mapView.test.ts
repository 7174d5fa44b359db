import { describe, expect, test } from 'vitest'
import type { Bounds } from '../../../../src/territory/map/parts.ts'
import { edgeTowards, isWellSeen, nearestTo, nextTowards } from './mapView.ts'

test('leaves the map where it is while the area is seen, and not too small to be read', () => {
  const view: Bounds = [2, 45, 4, 46]
  expect(isWellSeen([2.5, 45.2, 3.2, 45.6], view)).toBe(true)
  expect(isWellSeen([3.1, 45.5, 3.2, 45.6], view)).toBe(false)
  expect(isWellSeen([3.5, 45.2, 4.2, 45.6], view)).toBe(false)
})

describe('an arrow to what is outside the map', () => {
  const size = { width: 400, height: 200 }
  test.each([
    ['inside: none', { x: 10, y: 10 }, null],
    ['east', { x: 900, y: 100 }, { x: 384, y: 100, angle: 0 }],
    ['south', { x: 200, y: 900 }, { x: 200, y: 184, angle: 90 }],
    ['north-west, at the nearer edge', { x: -200, y: -300 }, { x: 116, y: 16, angle: -135 }],
  ])('%s', (_, spot, expected) => {
    const found = edgeTowards(spot, size)
    expect(
      found && { x: Math.round(found.x), y: Math.round(found.y), angle: Math.round(found.angle) },
    ).toEqual(expected)
  })
})

describe('from commune to commune by arrow keys', () => {
  const spots = [
    { code: 'here', x: 100, y: 100 },
    { code: 'straight', x: 140, y: 102 },
    { code: 'aside', x: 110, y: 112 },
    { code: 'above', x: 95, y: 60 },
  ]
  test.each([
    ['ArrowRight', 'straight'],
    ['ArrowUp', 'above'],
    ['ArrowDown', 'aside'],
    ['ArrowLeft', undefined],
    ['Enter', undefined],
  ])('%s leads to %s', (key, code) => expect(nextTowards(spots, { x: 100, y: 100 }, key)?.code).toBe(code))

  test('starts at the commune nearest to the middle', () =>
    expect(nearestTo(spots, { x: 96, y: 70 })?.code).toBe('above'))
})
