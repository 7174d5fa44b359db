import { existsSync, globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const webDirectory = new URL('../..', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, webDirectory), 'utf8')

test('the styles of every component of Mantine in use are loaded', () => {
  const used = new Set<string>()
  for (const file of globSync('**/*.tsx', { cwd: webDirectory })) {
    for (const [, names = ''] of read(file).matchAll(/import \{([^}]*)\} from '@mantine\/core'/g))
      for (const name of names.split(',')) used.add(name.trim().split(' as ')[0] ?? '')
  }
  expect(used.size).toBeGreaterThan(30)
  const loaded = ['mantine', 'mantine-room', 'mantine-lists', 'mantine-rest']
    .map((name) => read(`ui/mantine/${name}.ts`))
    .join('')
  const styles = new URL('../node_modules/@mantine/core/styles/', webDirectory)
  const missing = [...used].filter(
    (name) =>
      name !== '' &&
      existsSync(new URL(`${name}.layer.css`, styles)) &&
      !loaded.includes(`styles/${name}.layer.css'`),
  )
  expect(missing).toEqual([])
})
