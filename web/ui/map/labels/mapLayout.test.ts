import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { layOutMap, radiusOf, type Screen, type Spot, showsCount } from './mapLayout.ts'

const screen: Screen = {
  width: 400,
  height: 300,
  kilometresPerPixel: 0.2,
  widthOf: (text, size) => text.length * (5 + size),
}
const spot = (name: string, x: number, y: number, more: Partial<Spot> = {}): Spot => ({
  code: name,
  name,
  x,
  y,
  population: 5000,
  count: 0,
  inside: false,
  ...more,
})

describe('circles', () => {
  test('of one kind that would touch are summed at the place of the largest, also once a sum has grown', () => {
    const { circles } = layOutMap(
      [
        spot('a', 100, 100, { count: 300 }),
        spot('b', 118, 100, { count: 9 }),
        spot('c', 129.2, 100, { count: 1 }),
      ],
      screen,
    )
    expect(circles).toEqual([{ x: 100, y: 100, count: 310, r: radiusOf(310), inside: false }])
  })

  test('of the area are drawn over the others, not summed with them, and hide the counts that they would cut', () => {
    const { circles } = layOutMap(
      [spot('a', 100, 100, { count: 9, inside: true }), spot('b', 104, 100, { count: 30 })],
      screen,
    )
    expect(circles.map((one) => [one.count, one.inside, showsCount(one, circles)])).toEqual([
      [30, false, false],
      [9, true, true],
    ])
  })
})

describe('names', () => {
  const namesOf = (spots: readonly Spot[], more: Partial<Screen> = {}) =>
    layOutMap(spots, { ...screen, ...more }).labels.map(({ text }) => text)

  const villages = ['Égliseneuve', 'Mauzun', 'Reignat', 'Bongheat'].map((name, no) =>
    spot(name, 40 + no * 90, 250, { population: 300 }),
  )
  const towns = ['Clermont-Ferrand', 'Cournon', 'Riom', 'Issoire', 'Thiers', 'Ambert'].map((name, no) =>
    spot(name, 70 + (no % 3) * 130, 60 + 90 * Math.floor(no / 3), { population: 147_000 - no * 20_000 }),
  )
  test('of towns only on a whole département, and of all communes close by', () => {
    const names = towns.map(({ name }) => name)
    const all = [...villages, ...towns]
    expect(namesOf(all, { kilometresPerPixel: 0.5 })).toEqual(names)
    expect(namesOf(all, { kilometresPerPixel: 0.05 })).toEqual([
      ...names,
      ...villages.map(({ name }) => name),
    ])
  })

  test('of the largest communes are shown at any scale, where there are no towns', () =>
    expect(namesOf(villages, { kilometresPerPixel: 0.8 })).toEqual(villages.map(({ name }) => name)))

  test('of a town take the place of circles without a count, which are summed with their nearest', () => {
    // One on each side of the town, where its name could be.
    const around = (
      [
        [200, 135],
        [200, 166],
        [236, 150],
        [164, 150],
      ] as const
    ).map(([x, y]) => spot(`${x} ${y}`, x, y, { count: 2, population: 100 }))
    const { circles, labels } = layOutMap(
      [spot('Issoire', 200, 150, { count: 9, population: 15_000 }), ...around],
      screen,
    )
    expect(labels.map(({ text }) => text)).toContain('Issoire')
    expect(circles.reduce((sum, { count }) => sum + count, 0)).toBe(17)
    expect(circles).toHaveLength(4)
  })

  test('of the place of the facts are shown whatever its population', () =>
    expect(
      namesOf([spot('Mauzun', 200, 150, { population: 100 })], { kilometresPerPixel: 0.6, always: 'Mauzun' }),
    ).toEqual(['Mauzun']))

  test('that would be cut at every side, or lie under a control, are left out', () => {
    expect(namesOf([spot('Saint-Germain-Lembron', 3, 150)])).toEqual(['Saint-Germain-Lembron'])
    expect(namesOf([spot('Saint-Germain-Lembron', 3, 150)], { width: 60 })).toEqual([])
    const reserved = [{ left: 0, top: 0, right: 400, bottom: 300 }]
    expect(namesOf([spot('Riom', 200, 150)], { reserved })).toEqual([])
  })

  test('never overlap each other or a count, and are never cut', () => {
    const spots = fc.array(
      fc.record({
        x: fc.integer({ min: -20, max: 420 }),
        y: fc.integer({ min: -20, max: 320 }),
        population: fc.integer({ min: 0, max: 200_000 }),
        count: fc.integer({ min: 0, max: 400 }),
        inside: fc.boolean(),
      }),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(spots, (given) => {
        const { circles, labels } = layOutMap(
          given.map((one, no) => ({ ...one, code: `${no}`, name: `Commune ${no}` })),
          screen,
        )
        const boxes = labels.map(({ text, size, x, y }) => {
          const half = screen.widthOf(text, size) / 2
          return { left: x - half, right: x + half, top: y - 9, bottom: y + 2 }
        })
        for (const [no, a] of boxes.entries()) {
          expect(a.left >= 0 && a.top >= 0 && a.right <= 400 && a.bottom <= 300).toBe(true)
          for (const b of boxes.slice(no + 1))
            expect(a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom).toBe(false)
          for (const { x, y, r } of circles)
            expect(
              Math.hypot(
                Math.max(a.left, Math.min(x, a.right)) - x,
                Math.max(a.top, Math.min(y, a.bottom)) - y,
              ),
            ).toBeGreaterThan(r - 1)
        }
        const kinds = [true, false].map((inside) => circles.filter((one) => one.inside === inside))
        for (const kind of kinds)
          for (const [no, a] of kind.entries())
            for (const b of kind.slice(no + 1))
              expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThanOrEqual(a.r + b.r)
      }),
      { numRuns: 60 },
    )
  })
})
