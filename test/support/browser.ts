import { existsSync } from 'node:fs'
import chromiumBinary from '@sparticuz/chromium'
import { type Browser, chromium } from 'playwright-core'

/** Where distributions put Chromium or Chrome; the one of CHROMIUM_PATH goes first. */
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

/** Made for a function that opens one page and ends: with these, closing a context ends the whole browser. */
const LAMBDA = new Set(['--single-process', '--no-zygote'])

/** What draws maps, in software on machines without a graphics card: half of the processor time of the alert room. */
const WITHOUT_MAPS = ['--disable-gpu', '--disable-3d-apis', '--disable-software-rasterizer']

/**
 * A headless browser: the one installed, else the one brought by npm.
 * @param options `maps` false: without WebGL, as on a remote desktop; screens say in words what a map would show.
 */
export async function launchBrowser(options: { readonly maps?: boolean } = {}): Promise<Browser> {
  const args =
    options.maps === false ? [...QUIET, ...WITHOUT_MAPS] : [...QUIET, '--enable-unsafe-swiftshader']
  const installed = [process.env.CHROMIUM_PATH ?? '', ...INSTALLED].find(
    (path) => path !== '' && existsSync(path),
  )
  // Test files share a process, and some signal it: the browser is closed by whoever opened it.
  const signals = { handleSIGHUP: false, handleSIGINT: false, handleSIGTERM: false }
  if (installed !== undefined) return chromium.launch({ executablePath: installed, args, ...signals })
  return chromium.launch({
    ...signals,
    executablePath: await chromiumBinary.executablePath(),
    args: [...chromiumBinary.args.filter((arg) => !LAMBDA.has(arg)), ...args],
  })
}
