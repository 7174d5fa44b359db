import { expect, test } from 'vitest'
import { routeName } from './route-name.ts'

test.each([
  ['', 'Jamais partis', 'Never sent'],
  ['simulator', 'simulateur', 'simulator'],
  ['simulator-', 'simulateur', 'simulator'],
  ['simulator-2', 'simulator-2', 'simulator-2'],
  ['ovh', 'ovh', 'ovh'],
])('names gateway "%s" as %s', (gateway, fr, en) => {
  expect([routeName(gateway, 'fr'), routeName(gateway, 'en')]).toEqual([fr, en])
})
