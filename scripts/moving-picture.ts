import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'

/** Durations of the frames, in milliseconds. */
const TYPED = 70
const STEP = 900
const LAST = 3500
const LIVE = 180
/** Quality of lossy WebP; text stays sharp from here on. */
const QUALITY = 70
const LINE = 'fb riom il y a 10 min'

/**
 * Records an alert of the demo from the call to the last delivery as an animated WebP, by `img2webp` of the Debian package `webp`.
 * @param page the alert room of an operator, on a server with the usual demo
 * @throws Error when `img2webp` is missing or fails
 */
export async function recordAlert(page: Page, path: string): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'tocsin-frames-'))
  const frames: { file: string; ms: number }[] = []
  const shoot = async (ms: number) => {
    const file = join(directory, `${frames.length}.png`)
    await page.screenshot({ path: file, animations: 'disabled', caret: 'hide' })
    frames.push({ file, ms })
  }
  try {
    await showAlert(page, shoot)
    encode(frames, path)
  } finally {
    rmSync(directory, { recursive: true })
  }
  console.error(`${path}: ${frames.length} frames, ${Math.round(statSync(path).size / 1024)} KB`)
}

async function showAlert(page: Page, shoot: (ms: number) => Promise<void>): Promise<void> {
  await page.goto('/salle')
  const line = page.getByRole('textbox', { name: 'L’appel en une ligne' })
  await line.focus()
  await page.waitForTimeout(4000)
  await shoot(STEP)
  for (const [at, letter] of [...LINE].entries()) {
    await page.keyboard.type(letter)
    if (at % 2 === 1) await shoot(TYPED * 2)
  }
  await page.getByText('Faux billets', { exact: false }).first().waitFor()
  await page.waitForTimeout(4000)
  await shoot(STEP * 2)
  await page.keyboard.press('Control+Enter')
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Oui, constatée' }).waitFor()
  await page.waitForTimeout(500)
  await shoot(STEP)
  await page.keyboard.press('Enter')
  await dialog.getByRole('button', { name: /Maintenir pour diffuser/ }).waitFor()
  await page.waitForTimeout(500)
  await shoot(STEP * 1.5)
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  await page.waitForURL(/alertes\/[0-9a-f-]{36}$/, { timeout: 90_000 })
  const done = page.getByText('Diffusion terminée', { exact: false })
  for (let frame = 0; frame < 30 && (await done.count()) === 0; frame++) await shoot(LIVE)
  await page.waitForTimeout(2000)
  await shoot(LAST)
}

function encode(frames: readonly { file: string; ms: number }[], path: string): void {
  const args = ['-loop', '0', '-min_size', '-lossy', '-q', String(QUALITY), '-m', '6']
  for (const { file, ms } of frames) args.push('-d', String(ms), file)
  const { error, status, stderr } = spawnSync('img2webp', [...args, '-o', path], { encoding: 'utf8' })
  if (error !== undefined) throw new Error('img2webp is missing: apt-get install webp', { cause: error })
  if (status !== 0) throw new Error(stderr)
}
