import { expect, test } from 'vitest'
import { AnswerTimes } from './answer-times.ts'

test('reads the 99th percentile of many answers, at most 19 % too long', () => {
  const times = new AnswerTimes()
  for (let i = 0; i < 1000; i++) times.add(i < 980 ? 20 : 300)
  expect(times.p99()).toBeGreaterThanOrEqual(300)
  expect(times.p99()).toBeLessThan(360)
})

test('is not led by one slow answer of a hundred', () => {
  const times = new AnswerTimes()
  for (let i = 0; i < 200; i++) times.add(i === 7 ? 9000 : 12)
  expect(times.p99()).toBeLessThan(15)
})

test('says nothing of a provider that has hardly answered', () => {
  const times = new AnswerTimes()
  for (let i = 0; i < 19; i++) times.add(5)
  expect(times.p99()).toBeUndefined()
})

test('follows a provider that becomes slow', () => {
  const times = new AnswerTimes()
  for (let i = 0; i < 30_000; i++) times.add(10)
  for (let i = 0; i < 1000; i++) times.add(800)
  expect(times.p99()).toBeGreaterThanOrEqual(800)
})
