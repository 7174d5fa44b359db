/**
 * Each role on every screen, also those that it may not open; test/accessibility finds refused requests and alarms
 * on those that it may.
 * @module-tag long
 */
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { DemoDoor, SessionView } from '../../src/identity/contract.ts'
import { settingsParts } from '../../web/console/settings/search.ts'
import { settled, withDemo } from '../support/demo.ts'
import { ROOT } from '../support/program.ts'

const demo = withDemo()

/** The types of the navigation need those of a browser, which tests do not have. */
const { railFor } = (await import(join(ROOT, 'web/console/shell/rail/nav.ts'))) as {
  readonly railFor: (current: { readonly may: (right: string) => boolean }) => {
    readonly sections: readonly { readonly entries: readonly Entry[] }[]
    readonly foot: readonly Entry[]
  }
}

/** An entry of the rail, with the screens that unfold under it. */
interface Entry {
  readonly to: string
  readonly parts?: readonly { readonly to: string }[]
}

/** An address that does not exist, for roles that may not look one up. */
const NOBODY = '00000000-0000-7000-8000-000000000000'

/** Lists the screens inside a layout of the app's router, with these values for their parameters. */
async function screensInside(
  page: Page,
  frame: '/shell/' | '/portail/',
  values: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  await page.getByRole('heading', { level: 1 }).first().waitFor({ state: 'attached' })
  const routes = await page.evaluate<[id: string, path: string][]>(
    'Object.entries(__TSR_ROUTER__.routesById).map(([id, { fullPath }]) => [id, fullPath])',
  )
  return routes
    .filter(([id]) => id.startsWith(frame))
    .flatMap(([, path]) => {
      const filled = path.replaceAll(/\$(\w+)/g, (_, name: string) => {
        const value = values[name]
        if (value === undefined) throw new Error(`${path}: no value of ${name} in this test`)
        return value
      })
      return filled === '/reglages' ? settingsParts.map((part) => `${filled}?partie=${part}`) : [filled]
    })
}

/**
 * Opens each screen in turn, in one page as its user would.
 * @returns the refused requests, and the alarms that a screen shows
 */
async function openAll(
  page: Page,
  paths: readonly string[],
): Promise<{ found: string[]; refused: string[] }> {
  const found: string[] = []
  /** Screens that the role may not open. */
  const refused: string[] = []
  let at = 'first screen'
  page.on('response', (response) => {
    if (response.status() < 400) return
    found.push(`${at}: ${response.status()} of ${new URL(response.url()).pathname}`)
  })
  // The requests of the first screen were answered before the listener was added.
  await page.reload()
  await page.getByRole('heading', { level: 1 }).first().waitFor({ state: 'attached' })
  for (const path of paths) {
    at = path
    const { pathname, searchParams } = new URL(path, demo.url)
    const target = { to: pathname, search: Object.fromEntries(searchParams) }
    await page.evaluate(`__TSR_ROUTER__.navigate(${JSON.stringify(target)})`)
    await page.getByRole('heading', { level: 1 }).first().waitFor({ state: 'attached' })
    await settled(page)
    if (await page.getByRole('heading', { name: 'Page introuvable' }).isVisible())
      found.push(`${at}: not found`)
    if (await page.getByRole('heading', { name: 'Accès réservé' }).isVisible()) refused.push(path)
    const banners = page.getByRole('alert').or(
      page
        .getByRole('banner')
        .getByRole('status')
        .filter({ hasText: /Hors ligne|Pas de liaison/ }),
    )
    for (const banner of await banners.all()) {
      if (await banner.isVisible()) found.push(`${at}: “${(await banner.textContent())?.slice(0, 120)}”`)
    }
  }
  return { found, refused }
}

async function screensOf(role: Exclude<DemoDoor['as'], 'neighbour'>): Promise<void> {
  const page = await demo.enter(role, '/telephones')
  const session = async () => await demo.call<SessionView>(page, 'GET', '/api/session')
  const rights = new Set((await session()).schemes[0]?.permissions)

  const firstOf = async (list: 'alerts' | 'members', right: string) => {
    if (!rights.has(right)) return NOBODY
    const answer = await demo.call<Record<string, { id: string }[]>>(
      page,
      'GET',
      `/api/schemes/ac63/${list}?limit=1`,
    )
    const [first] = answer[list] ?? []
    if (first === undefined) throw new Error(`no ${list} of the ${role}`)
    return first.id
  }
  const paths = await screensInside(page, '/shell/', {
    alertId: await firstOf('alerts', 'alert.read'),
    memberId: await firstOf('members', 'member.read'),
  })
  const { found, refused } = await openAll(page, paths)
  expect(found).toEqual([])
  const { sections, foot } = railFor({ may: (right) => rights.has(right) })
  const navigable = [...sections.flatMap(({ entries }) => entries), ...foot].flatMap(({ to, parts = [] }) => [
    to,
    ...parts.map((part) => part.to),
  ])
  expect(navigable.length).toBeGreaterThan(3)
  expect(paths.map((path) => path.split('?')[0])).toEqual(expect.arrayContaining(navigable))
  expect(refused.filter((path) => navigable.includes(path.split('?')[0] ?? ''))).toEqual([])
  await page.context().close()
}

test.each(['operator', 'chief', 'magistrate', 'chamber', 'trade_chamber'] as const)(
  'every screen opens without a refused request or an alarm: %s',
  screensOf,
)

test('every screen opens without a refused request or an alarm: member', async () => {
  const page = await demo.enter('merchant', '/portail')
  const paths = await screensInside(page, '/portail/')
  expect(paths.length).toBeGreaterThan(4)
  expect((await openAll(page, paths)).found).toEqual([])
})
