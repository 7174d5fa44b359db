import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { IntlMessageFormat } from 'intl-messageformat'
import { expect, test } from 'vitest'
import en from './en.json' with { type: 'json' }
import fr from './fr.json' with { type: 'json' }
import { isInPart, type TextPart } from './parts.ts'

const texts: Record<'fr' | 'en', Record<string, string>> = { fr, en }
const web = join(import.meta.dirname, '..')

const sources = readdirSync(web, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.test.ts'))
  // The notice, which is also given on paper, is put together there.
  .concat('../src/privacy/retention/notice.ts')
  .map((name) => readFileSync(join(web, name), 'utf8'))
  .join('\n')

/** Keys written out in the code: in a call, or as data that a call reads. */
const written = new Set(
  [...sources.matchAll(/['"]([a-zA-Z]+(?:\.[a-zA-Z_]+)+)['"]/g)].map((match) => match[1] ?? ''),
)

/** Keys composed of a fixed part and a name from the data: `refusal.${code}` or `door.${as}.what`. */
const patterns = [...sources.matchAll(/`([a-zA-Z.]+\.)\$\{[^}]+\}((?:\.[a-zA-Z.]+)?)`/g)].map(
  ([, before = '', after = '']) =>
    new RegExp(`^${before.replaceAll('.', '\\.')}[a-zA-Z0-9_]+${after.replaceAll('.', '\\.')}$`),
)

const asked = new Set(
  [...sources.matchAll(/\b(?:t|formatMessage)\(\s*['"]([^'"]+)['"]/g)].map((match) => match[1] ?? ''),
)

function placeholdersOf(text: string): string[] {
  const names = new Set<string>()
  const walk = (elements: unknown): void => {
    if (!Array.isArray(elements)) return
    for (const element of elements) {
      if (element.type !== 0 && element.type !== 7) names.add(String(element.value))
      for (const option of Object.values(element.options ?? {})) walk((option as { value: unknown }).value)
    }
  }
  walk(new IntlMessageFormat(text, 'fr').getAst())
  return [...names].sort()
}

test('have the same keys in French and English', () => {
  expect(Object.keys(en).sort()).toEqual(Object.keys(fr).sort())
})

test('have a text for every key used in the code', () => {
  expect([...asked].filter((key) => !(key in fr))).toEqual([])
})

test('are all used in the code', () => {
  const unused = Object.keys(fr).filter(
    (key) => !written.has(key) && !patterns.some((pattern) => pattern.test(key)),
  )
  expect(unused).toEqual([])
})

const keys = Object.keys(fr)

test('parse as messages with the same values in both languages', () => {
  const wrong = keys.filter((key) => {
    const [french = '', english = ''] = [texts.fr[key], texts.en[key]]
    if (french.trim() === '' || english.trim() === '') return true
    return placeholdersOf(english).join() !== placeholdersOf(french).join()
  })
  expect(wrong).toEqual([])
})

test('follow French typography in French', () => {
  const wrong = keys.filter((key) => {
    const text = texts.fr[key] ?? ''
    return /[a-zà-ÿ]'[a-zà-ÿ]/i.test(text) || / [;!?:»]|« /.test(text)
  })
  expect(wrong).toEqual([])
})

test('write counts in the format of the language: 1 102', () => {
  const wrong = keys.filter((key) => [texts.fr[key], texts.en[key]].some((text) => text?.includes('{count}')))
  expect(wrong).toEqual([])
})

test('call a stopped alert stopped everywhere', () => {
  const states = keys.filter((key) => /^(?:.*alert|affected)\.state\.cancelled$/.test(key)).sort()
  expect(states).toEqual([
    'affected.state.cancelled',
    'alert.state.cancelled',
    'portal.alert.state.cancelled',
  ])
  for (const key of states) {
    expect(texts.fr[key], key).toMatch(/^arrêtée$/i)
    expect(texts.en[key], key).toMatch(/^stopped$/i)
  }
})

/** Returns the files that these import without waiting, and they themselves. */
function withImports(roots: readonly string[]): ReadonlySet<string> {
  const found = new Set(roots.map((name) => join(web, name)))
  for (const file of found)
    for (const [, next = ''] of readFileSync(file, 'utf8').matchAll(
      /^(?:import|export)\s(?!type\b)[^'"]*from '(\.[^']+\.tsx?)'/gm,
    ))
      found.add(join(file, '..', next))
  return found
}

test('public pages and the portal have the texts that they show, without those of the console', () => {
  const pages = [
    'start/StartPage',
    'verify/VerifyPage',
    'join/scheme/SchemePage',
    'join/enrol/JoinPage',
    'join/scheme/StatusPage',
  ]
  const later = ['start/FirstPassword', 'join/enrol/CharterForm', 'ui/map/MapCanvas']
  const noticed = ['join/scheme/PrivacyPage', 'join/scheme/AccessibilityPage']
  const shownBy = (
    names: readonly string[],
    parts: readonly TextPart[],
    leftOut = /console|operations\.ts|portal\//,
  ) => {
    const source = [...withImports(names.map((name) => `${name}.tsx`))]
      // Of the texts that these files name, others are shown by the console only.
      .filter((file) => !leftOut.test(file))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n')
    const composed = [...source.matchAll(/`([a-zA-Z.]+\.)\$\{[^}]+\}((?:\.[a-zA-Z.]+)?)`/g)]
    const named = new Set([...source.matchAll(/'([\w.]+)'/g)].map(([, key]) => key))
    const isNamed = (key: string) =>
      named.has(key) ||
      composed.some(([, before = '', after = '']) => key.startsWith(before) && key.endsWith(after))
    return Object.keys(fr).filter((key) => isNamed(key) && !parts.some((part) => isInPart(part, key)))
  }
  expect(shownBy([...pages, ...later], ['public'])).toEqual([])
  expect(shownBy(noticed, ['public', 'notices'])).toEqual([])
  const linked = [
    'numbers/NumberPage',
    'demo/CardPage',
    'confirm/ConfirmPage',
    'invitation/InvitationPage',
    'start/ProviderPages',
  ]
  expect(shownBy(linked, ['public', 'links'])).toEqual([])
  expect(shownBy(['break-glass/BreakGlassPage'], ['public', 'breakGlass'])).toEqual([])
  const ofPortal = readdirSync(join(web, 'portal'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.tsx'),
  )
  const portal = ofPortal.map((name) => `portal/${name.slice(0, -'.tsx'.length)}`)
  const around = ['ui/toasts/WithButton', 'ui/frame/Boundary']
  expect(shownBy([...portal, ...around], ['portal'], /console|operations\.ts/)).toEqual([])
  // The frame of the console also shows the refusal to a user who may not open the alert room.
  expect(shownBy(['console/shell/Shell'], ['room'], /^(?!.*\/Shell\.tsx$)/)).toEqual([])
  const size = (part: TextPart) => Object.entries(fr).filter(([key]) => isInPart(part, key)).length
  expect(size('public')).toBeLessThan(Object.keys(fr).length / 10)
  expect(size('portal')).toBeLessThan(Object.keys(fr).length / 8)
})
