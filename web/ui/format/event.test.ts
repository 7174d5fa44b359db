import { expect, test } from 'vitest'
import { authorOf, eventOf, whereOf } from './event.ts'

const category = { labelFr: 'Vol par ruse', labelEn: 'Theft by trick' }

test.each([
  ['à Billom', 'Vol par ruse à Billom', 'Theft by trick, Billom'],
  ['au Mont-Dore', 'Vol par ruse au Mont-Dore', 'Theft by trick, Le Mont-Dore'],
  ['aux Ancizes-Comps', 'Vol par ruse aux Ancizes-Comps', 'Theft by trick, Les Ancizes-Comps'],
  [
    "agglomération d'Issoire",
    "Vol par ruse, agglomération d'Issoire",
    "Theft by trick, agglomération d'Issoire",
  ],
])('names an alert by what happened and where: %s', (placeWords, fr, en) => {
  expect(eventOf('fr', { category, placeWords })).toBe(fr)
  expect(eventOf('en', { category, placeWords })).toBe(en)
})

test.each([
  ['à Billom', 'département du Puy-de-Dôme', 'Billom · département du Puy-de-Dôme'],
  ['au Mont-Dore', 'commune du Mont-Dore', 'Le Mont-Dore'],
  ["agglomération d'Issoire", "agglomération d'Issoire", "agglomération d'Issoire"],
])('says where it happened and whom it warns, each once: %s, %s', (placeWords, areaLabel, where) =>
  expect(whereOf({ placeWords, areaLabel })).toBe(where),
)

test('calls what the program did automatic', () => {
  const t = (key: string) => `<${key}>`
  expect(authorOf(t, 'system:clock')).toBe('<by.automatic>')
  expect(authorOf(t, 'Anne Martin')).toBe('Anne Martin')
})
