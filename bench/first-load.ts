import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { readConfig } from '../src/config.ts'
import { startServer } from '../src/start/serve.ts'
import { launchBrowser } from '../test/support/browser.ts'
import type { BenchContext } from './context.ts'
import { type BenchResults, median, result, round } from './result.ts'

/** Matches requests of the map, which loads after everything else. */
const MAP = /\/(?:map|maplibre|MapCanvas)[^/]*$|\/contours/

/** Notes when the first category is there. */
const NOTE_USABLE = `new MutationObserver((_, observer) => {
  if (document.querySelector('input[type=radio]') === null) return
  window.usableAt = performance.now()
  observer.disconnect()
}).observe(document, { subtree: true, childList: true })`
/** Lists what was asked for until then. */
const RECEIVED = `[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
  .filter(({ startTime }) => startTime < window.usableAt)
  .map(({ name }) => new URL(name).pathname)`

interface Load {
  /** Requests until then without the map, with those of the API. */
  readonly requests: number
  /** Size of their responses as they are sent, compressed and with headers, in units of 1024 octets. */
  readonly kilobytes: number
  /** Milliseconds from the navigation until a category can be selected. */
  readonly readyMs: number
}

/**
 * Collects the octets of each response of a page by its path, as they are sent. The resource timing of the page reports
 * 0 for most of them.
 */
async function sizesOf(page: Page): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>()
  const paths = new Map<string, string>()
  const devtools = await page.context().newCDPSession(page)
  devtools.on('Network.requestWillBeSent', ({ requestId, request }) => {
    paths.set(requestId, new URL(request.url).pathname)
  })
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const path = paths.get(requestId)
    if (path !== undefined) sizes.set(path, encodedDataLength)
  })
  await devtools.send('Network.enable')
  return sizes
}

/** Measures F8: the demo on an existing data directory, and the alert room in a browser with an empty cache. */
export async function benchFirstLoad(context: BenchContext): Promise<BenchResults> {
  const directory = mkdtempSync(join(tmpdir(), 'tocsin-bench-'))
  const config = readConfig({ PORT: '0', TOCSIN_DATA_DIR: directory, TOCSIN_LOG_LEVEL: 'silent' })
  const loads: Load[] = []
  const starts: number[] = []
  try {
    await (await startServer(config)).stop()
    const browser = await launchBrowser()
    try {
      for (let run = 0; run < context.runs; run++) {
        const startedAt = performance.now()
        const server = await startServer(config)
        starts.push(Math.round(performance.now() - startedAt))
        const visitor = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'fr-FR' })
        await visitor.request.post(`${server.url}/api/demo/sessions`, {
          data: { as: 'operator' },
          headers: { origin: server.url },
        })
        const page = await visitor.newPage()
        await page.addInitScript(NOTE_USABLE)
        const sizes = await sizesOf(page)
        const openedAt = performance.now()
        await page.goto(`${server.url}/salle`)
        await page.getByRole('radio').first().waitFor({ state: 'attached' })
        const readyMs = Math.round(performance.now() - openedAt)
        // Responses that were on their way then count too.
        await page.waitForLoadState('load')
        const received = (await page.evaluate(RECEIVED)) as string[]
        const counted = received.filter((path) => !MAP.test(path))
        const bytes = counted.reduce((sum, path) => sum + (sizes.get(path) ?? 0), 0)
        loads.push({ requests: counted.length, kilobytes: round(bytes / 1024), readyMs })
        await visitor.close()
        await server.stop()
        context.print(
          `F8: ${loads.at(-1)?.kilobytes} KB in ${loads.at(-1)?.requests} requests, ready in ${readyMs} ms; server started in ${starts.at(-1)} ms`,
        )
      }
    } finally {
      await browser.close()
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
  const runs = loads.map((load, index) => ({ ...load, startMs: starts[index] ?? 0 }))
  return {
    'F8.start': result(median(starts), 'ms until the server is ready', 2000, 'atMost', runs),
    'F8.size': result(median(loads.map((load) => load.kilobytes)), 'KB before the map', 250, 'atMost', runs),
    'F8.requests': result(median(loads.map((load) => load.requests)), 'requests', 25, 'atMost', runs),
    'F8.ready': result(
      median(loads.map((load) => load.readyMs)),
      'ms until the room is ready',
      1000,
      'atMost',
      runs,
    ),
  }
}
