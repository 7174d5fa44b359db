import { rmSync } from 'node:fs'
import axe from 'axe-core'
import pg from 'pg'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { readConfig } from '../../src/config.ts'
import type { Deps } from '../../src/deps.ts'
import type { DemoDoor } from '../../src/identity/contract.ts'
import { WEB_DIRECTORY } from '../../src/start/http/web-build.ts'
import { type RunningServer, type StartOptions, startServer } from '../../src/start/serve.ts'
import { launchBrowser } from './browser.ts'
import { askCopy } from './database.ts'
import type { DemoCopy, FirstStart } from './global-setup.ts'
import { createTestLog } from './log-scan.ts'
import { asOwnerUrl } from './owner-url.ts'

/** `merchant`: the portal of a tobacconist. */
export type Door = DemoDoor['as'] | 'merchant'

/** Size of a screen in CSS pixels and colour scheme. */
export interface Look {
  readonly width: number
  readonly height: number
  readonly colorScheme: 'light' | 'dark'
}

/** Covers each width and each colour scheme; the first two contain all four. */
export const LOOKS = {
  desk: { width: 1440, height: 900, colorScheme: 'light' },
  phone: { width: 390, height: 844, colorScheme: 'dark' },
  darkDesk: { width: 1440, height: 900, colorScheme: 'dark' },
  lightPhone: { width: 390, height: 844, colorScheme: 'light' },
} as const satisfies Record<string, Look>

interface Visit {
  /** Default: a desk in light mode. */
  readonly look?: Look
  readonly locale?: string
  /** Touch input instead of a mouse. */
  readonly touch?: boolean
  /** Time zone of the browser; default: that of the scheme. */
  readonly timeZone?: string
  /** True: the browser renders maps, for tests that look at them; without a graphics card, it takes much longer. */
  readonly maps?: boolean
  /** True: the timers of its pages can be forwarded by `page.clock`. */
  readonly clock?: boolean
  /** True: the context is closed afterwards, for tests that change it in a way that cannot be undone. */
  readonly closed?: boolean
}

/** The demo of a test file, and a browser on it. */
interface Demo {
  readonly url: string
  readonly browser: Browser
  /** Dependencies of its server, for tests that need more data than a screen would create. */
  readonly deps: Deps
  /**
   * Opens a browser context signed in to a demo account (null: a visitor), without anything stored by another visit.
   * It ends with the test, which fails when one of its pages had an uncaught error or did
   * what its security policy forbids.
   */
  visit(door: Door | null, visit?: Visit): Promise<BrowserContext>
  /** Does the same and opens a page at a path of the app. */
  enter(door: Door | null, path: string, visit?: Visit): Promise<Page>
  /**
   * Calls the API in the session of this browser.
   * @returns the response; null for an empty one.
   */
  call<T>(of: Page | BrowserContext, method: string, path: string, data?: object): Promise<T>
}

/** Timeout of a hook that waits for artefacts shared by the run. */
const WITHOUT_LIMIT = Number.POSITIVE_INFINITY

/** Maximum time of a screen on a busy machine, in milliseconds. */
const PATIENCE_MS = 40_000

interface DemoOptions {
  /** Seconds during which an order can be cancelled; default 0. */
  readonly cancelSeconds?: number
  /** Settings of its server. */
  readonly env?: Readonly<Record<string, string>>
  /** Changes the database before the server starts. */
  readonly prepare?: (database: pg.Client) => Promise<unknown>
  /** Changes the demo after its server has started. */
  readonly fill?: (deps: Deps) => Promise<unknown>
}

/** Gives the tests of this file a filled demo, started before the first of them, and a browser. */
export function withDemo(options: DemoOptions = {}): Demo {
  let copy: DemoCopy | undefined
  let server: RunningServer
  let browser: Browser
  const visits: BrowserVisit[] = []
  const errors: string[] = []

  // The first caller waits until the demo is filled, which has a timeout of its own.
  beforeAll(async () => {
    copy = await copyDemo()
  }, WITHOUT_LIMIT)
  beforeAll(async () => {
    if (copy === undefined) throw new Error('no copy of the demo')
    ;[server, browser] = await Promise.all([startCopy(copy), browserOf(false)])
  })
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await printScreens(visits)
    await Promise.all(visits.splice(0).map(endVisit))
    expect(errors.splice(0)).toEqual([])
  })
  afterAll(async () => {
    await server?.stop()
    if (copy !== undefined) await removeDemo(copy)
  })

  async function startCopy(copy: DemoCopy): Promise<RunningServer> {
    await onDatabase(copy.databaseUrl, async (database) => {
      const change = { cancelWindowSeconds: options.cancelSeconds ?? 0 }
      await database.query('update schemes set doctrine = doctrine || $1', [JSON.stringify(change)])
      await options.prepare?.(database)
    })
    const started = await startAtSameAddress(copy, options.env)
    await options.fill?.(started.deps)
    return started
  }

  async function begin(door: Door | null, options: Visit = {}): Promise<BrowserVisit> {
    const begun = await beginVisit(door, options, options.maps ? await browserOf(true) : browser, server.url)
    visits.push(begun)
    const { context } = begun
    context.on('weberror', (error) => errors.push(error.error().message))
    context.on('console', (message) => {
      if (/Content.Security.Policy|Permissions.Policy/i.test(message.text())) errors.push(message.text())
    })
    if (door === 'merchant') await call(context, 'POST', '/api/demo/portal')
    else if (door !== null) await call(context, 'POST', '/api/demo/sessions', { as: door })
    return begun
  }

  async function call<T>(of: Page | BrowserContext, method: string, path: string, data?: object) {
    const answer = await of.request.fetch(path, {
      method,
      // A persistent connection may be closed by the time it is reused.
      maxRetries: 2,
      ...(data && { data }),
      headers: { origin: server.url },
    })
    if (!answer.ok()) throw new Error(`${method} ${path}: ${answer.status()} ${await answer.text()}`)
    return (answer.status() === 204 ? null : await answer.json()) as T
  }

  return {
    get url() {
      return server.url
    },
    get browser() {
      return browser
    },
    get deps() {
      return server.deps
    },
    async visit(door, options) {
      return (await begin(door, options)).context
    },
    async enter(door, path, options) {
      const { context, page = await context.newPage() } = await begin(door, options)
      await page.goto(path)
      return page
    },
    call,
  }
}

/** Browsers of this process, with and without maps: consecutive files share one, which ends with the process. */
const browsers = new Map<boolean, Promise<Browser>>()

async function browserOf(maps: boolean): Promise<Browser> {
  const open = await browsers.get(maps)?.catch(() => undefined)
  if (open?.isConnected()) return open
  const launched = launchBrowser({ maps, sparing: true })
  browsers.set(maps, launched)
  return launched
}

/** A browser context that is in use by a test. */
interface BrowserVisit {
  readonly context: BrowserContext
  /** A page that an earlier visit left; it loads a screen in half the processor time of a new one. */
  readonly page?: Page
  /** Visits with the same kind, which includes the address, may reuse the context; undefined: it is closed. */
  readonly kind?: string
  readonly look: Look
}

/** Contexts between two visits, by their kind. */
const idle = new Map<string, BrowserVisit[]>()

async function beginVisit(
  door: Door | null,
  options: Visit,
  browser: Browser,
  baseURL: string,
): Promise<BrowserVisit> {
  const { look = LOOKS.desk, locale = 'fr-FR', timeZone = 'Europe/Paris', touch = false } = options
  // Visitors' data may be cached, and the portal has a service worker.
  const isClosed = door === null || door === 'merchant' || options.closed
  const { maps = false, clock = false } = options
  const kind = JSON.stringify([baseURL, look, locale, timeZone, touch, maps, clock])
  const left = isClosed ? undefined : idle.get(kind)?.pop()
  if (left?.page && !left.page.isClosed()) {
    // The visit before left it ahead.
    if (clock) await left.context.clock.install({ time: Date.now() })
    return left
  }
  const context = await browser.newContext({
    viewport: { width: look.width, height: look.height },
    colorScheme: look.colorScheme,
    locale,
    timezoneId: timeZone,
    reducedMotion: 'reduce',
    hasTouch: touch,
    isMobile: touch,
    baseURL,
  })
  context.setDefaultTimeout(PATIENCE_MS)
  if (clock) await context.clock.install()
  context.on('page', countRequests)
  return isClosed ? { context, look } : { context, kind, look }
}

/** Maximum number of characters printed of a screen. */
const PRINTED = 2_000

/** Prints what each page shows, so that the cause of a failure can be read in the log of a run. */
async function printScreens(visits: readonly BrowserVisit[]): Promise<void> {
  for (const page of visits.flatMap(({ context }) => context.pages())) {
    const text = await page
      .evaluate<string>('document.body.innerText')
      .catch((error: Error) => `not readable: ${error.message}`)
    process.stderr.write(`screen at ${page.url()}\n${text.slice(0, PRINTED)}\n\n`)
  }
}

/** Closes a context, or empties it for another visit. */
async function endVisit({ context, page: left, kind, look }: BrowserVisit): Promise<void> {
  const [page = left, ...others] = context.pages()
  if (kind === undefined || page === undefined || page.isClosed()) return context.close()
  await Promise.all(others.map((other) => other.close()))
  context.removeAllListeners('weberror')
  context.removeAllListeners('console')
  page.removeAllListeners()
  countRequests(page)
  await Promise.all([page.unrouteAll(UNROUTED), context.unrouteAll(UNROUTED), context.setOffline(false)])
  // Screens store what was typed when they are left.
  await page.goto('/api/about')
  await page.evaluate('localStorage.clear(); sessionStorage.clear()')
  await context.clearCookies()
  await page.setViewportSize({ width: look.width, height: look.height })
  await page.emulateMedia({ media: null, colorScheme: look.colorScheme, reducedMotion: 'reduce' })
  idle.set(kind, [...(idle.get(kind) ?? []), { context, page, kind, look }])
}

const UNROUTED = { behavior: 'ignoreErrors' } as const

/**
 * Copies the run's filled demo with its server stopped; the web app is built by then. The caller removes it with
 * `removeDemo`.
 */
export async function copyDemo(): Promise<DemoCopy> {
  return JSON.parse(await askCopy('/demo'))
}

/** Copies the run's first start on the embedded database. The caller removes its directory. */
export async function copyFirstStart(): Promise<FirstStart> {
  return JSON.parse(await askCopy('/first-start'))
}

/** Removes the directory and the database of a demo whose server has stopped. */
export async function removeDemo({ directory, databaseUrl }: DemoCopy): Promise<void> {
  rmSync(directory, { recursive: true, force: true })
  const url = new URL(databaseUrl)
  const name = url.pathname.slice(1)
  url.pathname = '/postgres'
  await onDatabase(url.href, (admin) => admin.query(`drop database ${name} with (force)`))
}

/** As the owner of the tables. */
async function onDatabase(url: string, act: (database: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: asOwnerUrl(url) })
  await client.connect()
  try {
    await act(client)
  } finally {
    await client.end()
  }
}

/**
 * Starts the whole program on a copy of the demo in this process; without a URL, on the embedded database of its
 * directory.
 */
export function startOn(
  { directory, databaseUrl }: Pick<DemoCopy, 'directory'> & Partial<DemoCopy>,
  env: Readonly<Record<string, string>> = {},
  options: Pick<StartOptions, 'seed'> = {},
): Promise<RunningServer> {
  const config = readConfig({
    PORT: '0',
    TOCSIN_DATA_DIR: directory,
    ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
    TOCSIN_DEMO: 'true',
    TOCSIN_LOG_LEVEL: 'silent',
    ...env,
  })
  return startServer(config, { webDirectory: WEB_DIRECTORY, base: { log: createTestLog() }, ...options })
}

/** The port of the demos of this process: browsers keep what they loaded by address. */
let usualPort = 0

async function startAtSameAddress(
  copy: DemoCopy,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const server = await startOn(copy, { ...env, PORT: String(usualPort) }).catch((error: unknown) => {
    // An outgoing connection may use the port meanwhile.
    if (usualPort === 0) throw error
    return startOn(copy, env)
  })
  usualPort = Number(new URL(server.url).port)
  return server
}

/** The script of a worker, here that of maps. */
const WORKER = /-worker-[\w-]+\.js$/

/** Requests of each page that have no response yet. */
const pending = new WeakMap<Page, Map<unknown, string>>()

function countRequests(page: Page): void {
  const open = new Map<unknown, string>()
  pending.set(page, open)
  page.on('request', (request) => {
    // A page that navigates away receives no end of its requests.
    if (request.isNavigationRequest() && request.frame() === page.mainFrame()) open.clear()
    // Event streams stay open as long as their screen. Chromium does not always report the end of the script of a worker.
    if (['fetch', 'script'].includes(request.resourceType()) && !WORKER.test(request.url()))
      open.set(request, request.url())
  })
  page.on('requestfinished', (request) => open.delete(request))
  page.on('requestfailed', (request) => open.delete(request))
}

/** Waits until a page of a demo has its data and is stable. */
export async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('load')
  const calm = async () => {
    // Rendering may start more requests.
    await page.evaluate(
      `new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(drawn)))).then(() =>
        Promise.allSettled(document.getAnimations()
          .filter((one) => one.effect?.getComputedTiming().endTime !== Infinity)
          .map((one) => one.finished)))`,
    )
    return [...(pending.get(page)?.values() ?? [])]
  }
  await expect.poll(calm, { timeout: PATIENCE_MS, interval: 20 }).toEqual([])
}

/** True when there is time to check every rule in every state and look. */
const IS_SOAK = Boolean(process.env.TOCSIN_SOAK)

/** The colour rules of axe, a third of its work. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block']
const COLOURS: axe.RunOptions = { runOnly: { type: 'rule', values: COLOUR_RULES } }
const EVERY_RULE: axe.RunOptions = { rules: { 'target-size': { enabled: true } } }
const ALL_BUT_COLOURS: axe.RunOptions = {
  rules: {
    ...EVERY_RULE.rules,
    ...Object.fromEntries(COLOUR_RULES.map((rule) => [rule, { enabled: false }])),
  },
}

/**
 * Lists the accessibility violations of the page in its current state: those found by axe (including the target
 * size of WCAG 2.2), content beyond the right edge of the screen, and on a phone targets that are too small.
 * @param except selectors of what axe has checked on another screen
 */
export async function allViolations(page: Page, except: readonly string[] = []): Promise<string[]> {
  return violationsOf(page, EVERY_RULE, except)
}

/** Lists the violations of every rule but those of colours. */
export async function violationsButColours(page: Page, except: readonly string[] = []): Promise<string[]> {
  return violationsOf(page, ALL_BUT_COLOURS, except)
}

/** Lists the violations of the colour rules, and of the sizes of the page in its current look. */
export async function colourViolations(page: Page, except: readonly string[] = []): Promise<string[]> {
  return violationsOf(page, COLOURS, except)
}

/**
 * Lists the violations of a state that a journey reached: of the sizes, and in a soak of every rule.
 * test/accessibility checks every rule on each screen and dialog.
 */
export async function violations(page: Page): Promise<string[]> {
  return violationsOf(page, IS_SOAK ? EVERY_RULE : 'size')
}

async function violationsOf(
  page: Page,
  rules: axe.RunOptions | 'size',
  except: readonly string[] = [],
): Promise<string[]> {
  await settled(page)
  // A sticky bar covers other elements at each scroll position, so checks start at the top.
  if (rules !== 'size') await page.evaluate('scrollTo({ top: 0, behavior: "instant" })')
  const found = rules === 'size' ? [] : await axeViolations(page, rules, except)
  return [...found, ...(await sizeViolations(page))]
}

/** Lists content beyond the right edge of the screen, and on a phone targets below 44 px in either direction. */
function sizeViolations(page: Page): Promise<string[]> {
  const isPhone = (page.viewportSize()?.width ?? 0) < 760
  return page.locator('html').evaluate((html, isPhone) => {
    html.scrollTo({ top: 0, behavior: 'instant' })
    const overflow = html.scrollWidth - html.clientWidth
    const found = overflow > 0 ? [`${overflow} px wider than the screen`] : []
    if (!isPhone) return found
    const targets = [...html.querySelectorAll('a[href], button, input, select, textarea, summary')]
      // Collapsed elements keep the size of their last rendering.
      .filter((one) => one.checkVisibility({ contentVisibilityAuto: true }))
      .filter(
        (one) => !one.matches('[type=radio], [type=checkbox], [aria-hidden=true], p a, [href="#contenu"]'),
      )
    for (const one of targets) {
      const { width, height } = one.getBoundingClientRect()
      if (width <= 1 || (height >= 43.5 && width >= 43.5)) continue
      const name = one.getAttribute('aria-label') ?? one.textContent
      found.push(`${name} is ${Math.round(width)} × ${Math.round(height)} px`)
    }
    return found
  }, isPhone)
}

/** The header and the navigation, which stay from one screen to the next. */
export const FRAME = ['header:not(main *, [role=dialog] *) > *', 'nav:not(main *, [role=dialog] *) > *']
/** The parts of a screen that an open dialog covers; they are checked without the dialog. */
export const BEHIND_DIALOG = [...FRAME, 'main:not(:has([role=dialog])) > *']

/** Rows of a list that are checked only in a soak: a page of 100 members takes five times as long as one of 12. */
const FURTHER_ROWS = ['tbody tr:nth-child(n + 9)', 'li:nth-child(n + 9)']

async function axeViolations(
  page: Page,
  rules: axe.RunOptions,
  except: readonly string[],
): Promise<string[]> {
  // The source of an element, which axe would quote, is in none of the lists.
  if (!(await page.evaluate('"axe" in globalThis')))
    await page.evaluate(`${axe.source}; axe.configure({ noHtml: true })`)
  return page.evaluate(
    async ([options, excluded]) => {
      const { axe } = globalThis as unknown as { axe: typeof import('axe-core') }
      const { violations } = await axe.run({ exclude: excluded.map((one) => [one]) }, options)
      return violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(' | ')}`,
      )
    },
    [
      { resultTypes: ['violations'], ...rules } satisfies axe.RunOptions,
      IS_SOAK ? [] : [...FURTHER_ROWS, ...except],
    ] as const,
  )
}

/** Enters the place of a call by keyboard, up to its areas; the digit chooses the category. */
export async function enterCall(page: Page, digit: string, typed: string, place: RegExp): Promise<void> {
  await page.getByRole('radio', { name: 'Faux billets' }).waitFor()
  await page.keyboard.press(digit)
  await page.keyboard.type(typed)
  await page.getByRole('option', { name: place }).first().waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('radio', { name: /Tout le dispositif/ }).waitFor()
}

/**
 * Sends the entered alert by pressing Enter twice, answering that the offence is established.
 * @returns the id of the alert, whose page is open once the time for undoing is over.
 */
export async function sendByKeyboard(page: Page): Promise<string> {
  await page.keyboard.press('Control+Enter')
  const sheet = page.getByRole('dialog')
  await sheet.getByRole('button', { name: 'Oui, constatée' }).click()
  return confirmTwice(page, /Maintenir pour diffuser/)
}

/** Waits until a button that sends can be pressed: while recipients or near alerts are being read, it is disabled. */
export async function untilEnabled(page: Page, button: Locator): Promise<void> {
  await button.waitFor()
  // Near alerts may arrive after the button, and disable it again.
  await settled(page)
  await expect.poll(() => button.isEnabled()).toBe(true)
}

const AT_ONCE = { timeout: 1000 } as const
const YES = () => true
const NO = () => false

/**
 * Clicks an entry of the menu of the person. A screen that opens late closes the menu, as any change of screen does: it is opened
 * again until the entry was clicked.
 */
export async function chooseInMenu(page: Page, person: string, entry: Locator): Promise<void> {
  await expect
    .poll(async () => {
      if (!(await entry.isVisible())) await page.getByRole('button', { name: person }).click()
      return entry.click(AT_ONCE).then(YES, NO)
    })
    .toBe(true)
}

/**
 * Presses Enter twice on a button that sends, until `hasBegun`. The button has its name until the first press counts, and
 * again when the second one came too late: on a busy machine they may be more than four seconds apart.
 */
export async function pressUntil(page: Page, hold: Locator, hasBegun: () => Promise<boolean>): Promise<void> {
  await untilEnabled(page, hold)
  await expect
    .poll(async () => {
      if (await hasBegun()) return true
      // It may be sending by now, and have no button of this name.
      const isReady = (await hold.isVisible()) && (await hold.isEnabled(AT_ONCE).catch(() => false))
      if (isReady && (await hold.focus(AT_ONCE).then(YES, NO))) {
        await page.keyboard.press('Enter')
        await page.keyboard.press('Enter')
      }
      return hasBegun()
    })
    .toBe(true)
}

/** Presses Enter twice on the send button of the open sheet. @returns the id of the alert */
export async function confirmTwice(page: Page, name: RegExp): Promise<string> {
  const hold = page.getByRole('dialog').getByRole('button', { name })
  await pressUntil(page, hold, async () => /\/alertes\/[0-9a-f-]{36}$/.test(new URL(page.url()).pathname))
  return new URL(page.url()).pathname.split('/').at(-1) ?? ''
}

/**
 * Lists the violations of the current page: those of the sizes in its current look, and in a soak every rule in each of
 * the looks. test/accessibility checks whole screens in each look. The page stays in the size of the last look.
 */
export async function violationsIn(page: Page, looks: readonly Look[]): Promise<string[]> {
  const found: string[] = []
  if (IS_SOAK) {
    for (const look of looks) {
      await setLook(page, look)
      found.push(...(await violations(page)))
    }
    return found
  }
  found.push(...(await violations(page)))
  const last = looks.at(-1)
  if (last !== undefined && page.viewportSize()?.width !== last.width) await page.setViewportSize(last)
  return found
}

/** Sets the size and the colour scheme of an open page. */
export async function setLook(page: Page, { colorScheme, ...size }: Look): Promise<void> {
  await page.setViewportSize(size)
  await page.emulateMedia({ colorScheme })
  await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor()
}

/** The server may close an idle connection just as it is reused; each order carries a key, so it is carried out once. */
export const FETCH = { maxRetries: 2 }

/**
 * Changes the time that a page reads from the server's responses, without a wait.
 * @returns a function that sets it this many minutes ahead, from the page's next request on
 */
export async function serverClockOf(page: Page): Promise<(minutes: number) => void> {
  let ahead = 0
  await page.route('**/api/**', async (route) => {
    // An event stream never ends.
    if (route.request().url().endsWith('/live')) return route.fallback()
    // Requests still in progress at the end of the test are cut.
    const response = await route.fetch(FETCH).catch(() => undefined)
    if (response === undefined) return route.abort().catch(() => undefined)
    const date = new Date(Date.now() + ahead * 60_000).toUTCString()
    await route.fulfill({ response, headers: { ...response.headers(), date } }).catch(() => undefined)
  })
  return (minutes) => {
    ahead = minutes
  }
}

/** Lists the texts that a simulated phone received, oldest first. */
export async function receivedBy(
  demo: Pick<Demo, 'call'>,
  of: Page | BrowserContext,
  phone: string,
): Promise<string[]> {
  const q = encodeURIComponent(phone)
  const { handsets } = await demo.call<{ handsets: Handset[] }>(of, 'GET', `/api/demo/handsets?q=${q}`)
  return handsets
    .flatMap(({ messages }) => messages)
    .toSorted((a, b) => a.receivedAt.localeCompare(b.receivedAt))
    .map(({ text }) => text)
}

/**
 * Waits for a code on a phone, besides those among earlier messages; other messages may arrive before and after it.
 * @param earlier messages of the phone before the code was requested
 */
export async function newCodeOn(
  demo: Pick<Demo, 'call'>,
  of: Page | BrowserContext,
  phone: string,
  earlier: readonly string[] = [],
): Promise<string> {
  const codesIn = (texts: readonly string[]) =>
    texts.flatMap((text) => /code est (\d{6}),/.exec(text)?.[1] ?? [])
  const known = codesIn(earlier).length
  const next = async () => codesIn(await receivedBy(demo, of, phone))[known]
  await expect.poll(next, { interval: 100 }).toBeDefined()
  return (await next()) ?? ''
}

/** A phone of the demo's wall. */
export interface Handset {
  readonly phone: string
  readonly messages: readonly { readonly text: string; readonly from: string; readonly receivedAt: string }[]
}
