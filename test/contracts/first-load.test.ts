import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { askCopy } from '../support/database.ts'
import { releasedSize } from '../support/released-size.ts'

/**
 * Scripts and styles that the alert room imports before anything is done in it, compressed, in units of 1024 octets; F8 adds
 * the page, the font, the first texts and what the API answers. Measured: 207 in 14 files.
 */
const LIMIT_KB = 208
/** Maximum files of them; the page, the script before its first paint, the first texts and the font are four more. */
const LIMIT_FILES = 14

let assets = ''
let names: string[] = []
beforeAll(async () => {
  assets = join(await askCopy('/web'), 'assets')
  names = readdirSync(assets)
}, Number.POSITIVE_INFINITY)

const sourceOf = (name: string) => readFileSync(join(assets, name), 'utf8')

/** Returns the files that these import, and they themselves, without those that are imported on demand. */
function withImports(roots: readonly string[]): string[] {
  const found = new Set<string>()
  const add = (name: string): void => {
    if (found.has(name)) return
    found.add(name)
    if (!name.endsWith('.js')) return
    for (const [, next] of sourceOf(name).matchAll(/(?:from|import)\s*["'`]\.\/([\w.-]+\.js)["'`]/g)) {
      if (next !== undefined) add(next)
    }
  }
  for (const root of roots) add(root)
  return [...found]
}

/** Returns the files of the page that the server sends, and the parts that show the alert room in its frame. */
function rootsOfRoom(): string[] {
  const page = readFileSync(join(assets, '../index.html'), 'utf8')
  const entries = [...page.matchAll(/assets\/([\w.-]+\.(?:js|css))"/g)].map(([, name = '']) => name)
  const shown = /^(AlertRoom|Shell)-.*\.js$|^(AlertRoom|shell|room|public)-.*\.css$/
  return [...entries, ...names.filter((name) => shown.test(name))]
}

/** Sums files as a release sends them, in units of 1024 octets. */
async function kilobytesOf(files: readonly string[]): Promise<number> {
  expect(names).toEqual(expect.arrayContaining(files.map((name) => `${name}.br`)))
  const all = await Promise.all(files.map((name) => releasedSize(join(assets, name))))
  return all.reduce((sum, size) => sum + size, 0) / 1024
}

test('the alert room loads no more than it shows first', async () => {
  const files = withImports(rootsOfRoom())
  expect(files.filter((name) => /^(AlertRoom|Shell|app|react)-.*\.js$/.test(name))).toHaveLength(4)
  expect(await kilobytesOf(files)).toBeLessThan(LIMIT_KB)
  expect(files.length).toBeLessThanOrEqual(LIMIT_FILES)
})

/** Maximum kilobytes of the sign-in of the portal. Measured: 142. */
const SIGN_IN_KB = 145
/** Maximum kilobytes of the home screen of the portal, behind the sign-in. Measured: 165. */
const PORTAL_KB = 170

test('the portal loads no more of the console than its frame, and nothing of it before the sign-in', async () => {
  const isHome = (name: string) =>
    /^AlertsPage-.*\.js$/.test(name) && sourceOf(name).includes('portal.alerts.past')
  const signIn = names.filter((name) => /^(app|PortalShell)-.*\.js$/.test(name))
  expect(signIn).toHaveLength(2)
  const first = withImports(signIn)
  expect(first.filter((name) => /^(shell|room|consequences|lists|console|map)-/.test(name))).toEqual([])
  expect(await kilobytesOf(first)).toBeLessThan(SIGN_IN_KB)

  const home = names.filter((name) => /^Inside-.*\.js$/.test(name) || isHome(name))
  expect(home).toHaveLength(2)
  const files = withImports([...signIn, ...home])
  expect(files.filter((name) => /^(room|consequences|lists|console|map)-/.test(name))).toEqual([])
  expect(await kilobytesOf(files)).toBeLessThan(PORTAL_KB)
})

test('the page asks for its font with its scripts, so that no text moves when it arrives', () => {
  const page = readFileSync(join(assets, '../index.html'), 'utf8')
  const [, font = ''] =
    /<link rel="preload" as="font"[^>]* href="\/assets\/([^"]+)"[^>]* crossorigin/.exec(page) ?? []
  expect(names).toContain(font)
})

test('no file of the web app contains the checks of bodies or the texts of the server', () => {
  const serverText = Object.values(
    JSON.parse(readFileSync('src/i18n/fr.json', 'utf8')) as Record<string, string>,
  ).find((text) => text.length > 100 && !/[{}'"’]/.test(text))
  expect(serverText).toBeDefined()
  const found = names.filter(
    (name) =>
      name.endsWith('.js') &&
      (/ZodError|invalid_union/.test(sourceOf(name)) || sourceOf(name).includes(serverText ?? '')),
  )
  expect(found).toEqual([])
})
