import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
/** The schema of 0.2.0, which never changes; its function is replaced by one that takes the zone. */
const FROZEN = 'migrations/0001_baseline.sql'

const readSources = (folders: readonly string[], names: RegExp) =>
  folders
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map(
        (name) => `${folder}/${name}`,
      ),
    )
    .filter((path) => names.test(path) && !/\.test\.tsx?$/.test(path))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))

test('only one file of the product names a time zone for all schemes: hours are those of the scheme', () => {
  const naming = readSources(
    ['src', 'web', 'scripts', 'bench', 'migrations'],
    /\.(?:ts|tsx|js|sql|json|html)$/,
  ).filter(({ path, text }) => path !== FROZEN && text.includes('Europe/Paris'))
  expect(naming.map(({ path }) => path)).toEqual(['src/message/clock.ts'])
})

/** The folder whose functions take the language and format in the zone of the scheme on screen. */
const FORMATS = 'web/ui/format/'

/** Finds the dates that a source formats without a time zone, so in that of the device. */
function deviceFormats(text: string): string[] {
  return [...text.matchAll(/new Intl\.DateTimeFormat\(|\.toLocale(?:Date|Time)?String\(/g)]
    .map(({ 0: call, index }) => call + argumentsAt(text, index + call.length))
    .filter((call) => !/\btimeZone\b|FractionDigits/.test(call))
}

/** Returns the arguments of a call up to its closing bracket. */
function argumentsAt(text: string, start: number): string {
  let end = start
  for (let open = 1; open > 0 && end < text.length; end++) {
    if (text[end] === '(') open++
    else if (text[end] === ')') open--
  }
  return text.slice(start, end)
}

test.each([
  ["new Intl.DateTimeFormat(lang, { timeStyle: 'medium' }).format(at, timeZone)", 1],
  ['new Intl.DateTimeFormat()', 1],
  ["new Intl.DateTimeFormat(locale(lang), {\n  timeZone: 'UTC',\n})", 0],
  ['at.toLocaleTimeString()', 1],
  ['at.toLocaleString(lang)', 1],
  ['at.toLocaleDateString(lang, { timeZone })', 0],
  ['kilometres.toLocaleString(lang, { maximumFractionDigits: 1 })', 0],
])('finds dates in the time zone of the device: %s', (text, count) => {
  expect(deviceFormats(text)).toHaveLength(count)
})

test('no date is formatted in the time zone of the device', () => {
  const found = readSources(['src', 'web'], /\.tsx?$/)
    .filter(({ path }) => !path.startsWith(FORMATS))
    .flatMap(({ path, text }) => deviceFormats(text).map((format) => `${path}: ${format}`))
  expect(found).toEqual([])
})
