import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../support/program.ts'

/** Reads the sources of the program in a folder, without its tests. */
function sources(folder: string): [path: string, text: string][] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => join(folder, path))
    .filter((path) => /\.tsx?$/.test(path) && !/\.test\.tsx?$/.test(path) && !path.includes('/testing/'))
    .map((path) => [path, readFileSync(join(ROOT, path), 'utf8')])
}

function filesWith(pattern: RegExp, ...folders: string[]): string[] {
  return folders
    .flatMap(sources)
    .filter(([, text]) => pattern.test(text))
    .map(([path]) => path)
    .sort()
}

test('no text is run as a program', () => {
  expect(filesWith(/\beval\(|new Function\(|from 'node:vm'/, 'src', 'web')).toEqual([])
})

test('other programs are started in these places only, without a shell', () => {
  expect(filesWith(/from 'node:child_process'/, 'src')).toEqual([
    'src/cipher/sources.ts',
    'src/platform/process/notify.ts',
    'src/start/demo/fill.ts',
    'src/start/http/web-build.ts',
  ])
  expect(filesWith(/shell: true|\{[^}]*\bexec(?:Sync)?\b[^}]*\} from 'node:child_process'/, 'src')).toEqual(
    [],
  )
})

test('the web app makes no HTML of texts, and takes no messages of other windows', () => {
  expect(
    filesWith(/dangerouslySetInnerHTML|\.(?:inner|outer)HTML|insertAdjacentHTML|document\.write\(/, 'web'),
  ).toEqual([])
  // A word without content to other tabs of this site, on a BroadcastChannel.
  expect(filesWith(/postMessage\(|addEventListener\(\s*'message'/, 'web')).toEqual(['web/start/provider.ts'])
})

test('a password is typed in a masked field that password managers know, and may be pasted', () => {
  const fields = sources('web').flatMap(([path, text]) =>
    [...text.matchAll(/<PasswordInput\b[\s\S]*?\/>/g)].map(([field]) => [path, field] as const),
  )
  expect(fields.length).toBeGreaterThan(8)
  for (const [path, field] of fields)
    expect(field, path).toMatch(/autoComplete="(?:current|new)-password"|\{\.\.\.(?:shared|field|password)/)
  expect(filesWith(/onPaste/, 'web')).toEqual([])
  expect(filesWith(/type="password"/, 'web')).toEqual([])
})

test('an answer in text says that it is UTF-8', () => {
  const types = sources('src').flatMap(([path, text]) =>
    [
      ...text.matchAll(/\.type\('((?:text|application)\/(?:csv|markdown|plain|html|xml|cap\+xml)[^']*)'\)/g),
    ].map(([, type = '']) => [path, type] as const),
  )
  expect(types.length).toBeGreaterThan(8)
  for (const [path, type] of types) expect(type, path).toMatch(/; charset=utf-8$/)
})

test('no file declares an interface twice: TypeScript would join them', () => {
  const twice = ['src', 'web', 'scripts', 'bench', 'test'].flatMap(sources).flatMap(([path, text]) => {
    const names = [...text.matchAll(/^(?:export )?interface (\w+)/gm)].map(([, name]) => name)
    return names.filter((name, index) => names.indexOf(name) < index).map((name) => `${path}: ${name}`)
  })
  expect(twice).toEqual([])
})

/** Data stored in browsers, by the file that writes them. */
const STORED: Readonly<Record<string, string>> = {
  'web/api/lock.ts': 'that a lock was asked for, for the tab, until the server confirms it',
  'web/confirm/ConfirmPage.tsx': 'the key of a page that a magistrate opened, for the tab',
  'web/console/alerts/follow-up/followUpDraft.ts':
    'a draft, for the tab, until it is sent or the user signs out',
  'web/console/approval/mine/seenInZone.ts': 'ids of alerts that were seen',
  'web/console/members/list/columns.tsx': 'names of columns',
  'web/console/room/text/draft.ts':
    'the draft of a call, for the tab, until it is sent or the user signs out',
  'web/console/shell/BreakGlassBar.tsx': 'the id of the opening of the break-glass account that was read',
  'web/console/shell/attention/attention.ts': 'sounds',
  'web/console/shell/current.tsx': 'the chosen scheme',
  'web/portal/current.tsx': 'the id of the chosen shop',
  'web/portal/sign-in/leaving.ts': 'that a session was left without a network, until the server knows',
  'web/portal/alerts/live.ts': 'when something was last received',
  'web/start/provider.ts': 'how a tab left for the identity provider, until it is back',
  'web/ui/format/text.ts': 'the language',
}

test('the browser stores data in these places only', () => {
  expect(filesWith(/(?:local|session)Storage\.setItem|indexedDB|document\.cookie/, 'web')).toEqual(
    Object.keys(STORED).sort(),
  )
})
