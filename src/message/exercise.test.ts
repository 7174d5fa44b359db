import fc from 'fast-check'
import { expect, test } from 'vitest'
import { markExercise } from './exercise.ts'

test('starts the text of an exercise with the word, once', () => {
  expect(markExercise('Faux billets Issoire.')).toBe('EXERCICE Faux billets Issoire.')
  expect(markExercise('EXERCICE Faux billets Issoire.')).toBe('EXERCICE Faux billets Issoire.')
  expect(markExercise(' Exercice : faux billets.')).toBe('EXERCICE faux billets.')
  expect(markExercise('exercice')).toBe('')
  expect(markExercise('  ')).toBe('')
  expect(markExercise('Exercices de printemps.')).toBe('EXERCICE Exercices de printemps.')
})

test('marking is idempotent and loses nothing after the word', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const once = markExercise(text)
      expect(once === '' || once.startsWith('EXERCICE ')).toBe(true)
      if (!/^\s*exercice/i.test(text) && text.trim() !== '') expect(once).toBe(`EXERCICE ${text.trim()}`)
      if (!/^EXERCICE exercice/i.test(once)) expect(markExercise(once)).toBe(once)
    }),
  )
})
