import { existsSync } from 'node:fs'
import chromiumBinary from '@sparticuz/chromium'
import { type Browser, chromium, type Page } from 'playwright-core'

/** Paths of Chromium or Chrome in distributions; CHROMIUM_PATH takes precedence. */
const INSTALLED = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
]

const QUIET = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Flags for a function that opens one page and ends: with these, closing a context ends the whole browser. */
const LAMBDA = new Set(['--single-process', '--no-zygote'])

/**
 * Disables the rendering of maps, which without a graphics card takes half of the processor time of the alert
 * room.
 */
const WITHOUT_MAPS = ['--disable-gpu', '--disable-3d-apis', '--disable-software-rasterizer']

/** Compiles and collects garbage without threads beside the pages: a tenth less processor time, but later. */
const SPARING = '--js-flags=--single-threaded'

interface BrowserOptions {
  /** False: without WebGL, as on a remote desktop; screens then replace maps by text. */
  readonly maps?: boolean
  /** True: takes less processor time and answers later, for tests that run beside others. */
  readonly sparing?: boolean
}

/** Starts a headless browser: the installed one, else the one from npm. */
export async function launchBrowser(options: BrowserOptions = {}): Promise<Browser> {
  const args = [
    ...QUIET,
    ...(options.maps === false ? WITHOUT_MAPS : ['--enable-unsafe-swiftshader']),
    ...(options.sparing ? [SPARING] : []),
  ]
  const installed = [process.env.CHROMIUM_PATH ?? '', ...INSTALLED].find(
    (path) => path !== '' && existsSync(path),
  )
  // Test files share a process, and some send it signals: only the file that opened the browser closes it.
  const signals = { handleSIGHUP: false, handleSIGINT: false, handleSIGTERM: false }
  if (installed !== undefined) return chromium.launch({ executablePath: installed, args, ...signals })
  return chromium.launch({
    ...signals,
    executablePath: await chromiumBinary.executablePath(),
    args: [...chromiumBinary.args.filter((arg) => !LAMBDA.has(arg)), ...args],
  })
}

/** Gives a browser an authenticator whose holder confirms at once. */
export async function authenticatorOf(page: Page) {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return {
    count: async () => (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials.length,
  }
}
