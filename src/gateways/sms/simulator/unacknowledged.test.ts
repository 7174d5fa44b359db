import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Unacknowledged } from './unacknowledged.ts'

test('finds each item once, in any order and number', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(5000)), { maxLength: 6000, size: 'max' }), (steps) => {
      const ring = new Unacknowledged<string>()
      const model = new Map<number, string>()
      let sequence = 0
      for (const [isSend, at] of steps) {
        if (isSend || model.size === 0) {
          do sequence++
          while (!ring.isFree(sequence))
          ring.add(sequence, `item ${sequence}`)
          model.set(sequence, `item ${sequence}`)
        } else {
          const known = at % 3 === 0 ? at : ([...model.keys()][at % Math.min(model.size, 50)] as number)
          expect(ring.take(known)).toBe(model.get(known))
          model.delete(known)
        }
        expect(ring.count).toBe(model.size)
      }
      expect(ring.takeAll()).toEqual([...model.values()])
      expect(ring.count).toBe(0)
    }),
    { numRuns: 20 },
  )
})

test('keeps an old item while thousands are added and removed', () => {
  const ring = new Unacknowledged<number>()
  ring.add(5, 5)
  let sequence = 5
  for (let i = 0; i < 10_000; i++) {
    do sequence++
    while (!ring.isFree(sequence))
    ring.add(sequence, sequence)
    if (i >= 100) ring.take(sequence)
  }
  expect(ring.take(5)).toBe(5)
  expect(ring.count).toBe(100)
})
