import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs'
import type { BrowserContext, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { AlertView } from '../../src/alerts/contract.ts'
import type { MagistrateList } from '../../src/alerts/magistrates/contract.ts'
import { LOOKS, violations, withDemo } from '../support/demo.ts'

const demo = withDemo()
const PLATE = 'Vol par ruse à Thiers à 14h, Clio grise GH-482-LP. Ne pas intervenir, appelez le 17.'

/** Lines break where the paper ends and a PDF has other apostrophes, so texts are compared word by word. */
const bare = (words: string) => words.replaceAll(/[\s\u00a0]+/g, '').replaceAll(/[ʼ’]/g, "'")

/** Prints the page to PDF: the words of each sheet, and its size in points. */
async function printed(page: Page) {
  const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true })
  const loading = getDocument({ data: new Uint8Array(pdf), verbosity: 0 })
  const document = await loading.promise
  const sheets: { words: string; size: number[] }[] = []
  for (let no = 1; no <= document.numPages; no++) {
    const sheet = await document.getPage(no)
    const { items } = await sheet.getTextContent()
    const words = items.map((item) => ('str' in item ? item.str : '')).join(' ')
    sheets.push({ words: bare(words), size: sheet.view.slice(2).map(Math.round) })
  }
  await loading.destroy()
  return sheets
}

const post = <T>(of: BrowserContext, path: string, data: object) =>
  demo.call<T>(of, 'POST', `/api/schemes/ac63${path}`, data)

test('an alert on paper: the text as sent, who decided, how many received it; no more than the user may see', {
  tags: 'long',
}, async () => {
  const operator = await demo.visit('operator')
  const report = await post<{ id: string }>(operator, '/reports', {
    categoryCode: 'trick-theft',
    communeCode: '63430',
  })
  const draft = await post<AlertView>(operator, '/alerts', {
    reportId: report.id,
    text: PLATE,
    area: { kind: 'neighbours', code: '63430' },
    doctrine: { offence: true, arrested: false, level: 'precise' },
  })
  const version = { version: draft.version }
  const { magistrates } = await demo.call<MagistrateList>(operator, 'GET', '/api/schemes/ac63/magistrates')
  await post(operator, `/alerts/${draft.id}/authorisation`, {
    ...version,
    magistrateId: magistrates.find(({ name }) => name === 'Mme Delmas')?.id,
    scope: 'plaque et couleur du véhicule',
  })
  await post(operator, `/alerts/${draft.id}/submit`, version)
  const page = await operator.newPage()
  const path = `/alertes/${draft.id}`
  await page.goto(path)
  await page.getByRole('button', { name: 'Imprimer / PDF' }).waitFor()
  // It says that it is not sent yet.
  const before = (await printed(page)).map(({ words }) => words).join(' ')
  expect(before).toContain(bare('Message, pas encore envoyé'))
  expect(before).toContain('GH-482-LP')

  const chief = await demo.visit('chief')
  const sent = await post<AlertView>(chief, `/alerts/${draft.id}/approve`, version)
  await page.getByText('En cours', { exact: true }).waitFor()
  await page.evaluate('globalThis.asked = 0; globalThis.print = () => { globalThis.asked++ }')
  await page.getByRole('button', { name: 'Imprimer / PDF' }).click()
  expect(await page.evaluate('globalThis.asked')).toBe(1)

  // The same from a phone in dark mode.
  for (const { colorScheme, ...size } of [LOOKS.desk, LOOKS.phone]) {
    await page.setViewportSize(size)
    await page.emulateMedia({ colorScheme })
    // After printing, the browser reports the change late.
    await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor()
    expect(await violations(page)).toEqual([])
    const sheets = await printed(page)
    // A4.
    for (const { size: points } of sheets) expect(points).toEqual([595, 842])
    const all = sheets.map(({ words }) => words).join(' ')
    for (const words of [
      `Alerte ${draft.reference}`,
      'Alerte Commerces 63',
      'Éléments précis : diffusion restreinte',
      `${PLATE} Réf. ${draft.reference}`,
      'Validée par Marc Vidal',
      'Mme Delmas, Parquet de Clermont-Ferrand',
      'plaque et couleur du véhicule',
      sent.contentHash ?? 'no hash',
      'prévus : ',
      'Chronologie',
      'Imprimée le',
    ]) {
      expect(all).toContain(bare(words))
    }
    // Without the console's navigation and the list of recipients.
    for (const words of ['Salle d’alerte', 'Exporter', '•• ••', 'Mise à jour'])
      expect(all).not.toContain(bare(words))
    expect(sheets.length).toBeLessThan(4)
    expect(sheets.every(({ words }) => words.length > 40)).toBe(true)
  }
  // The print-only parts are gone from the screen.
  await expect.poll(() => page.getByText('Imprimée le', { exact: false }).count()).toBe(0)

  // The chamber sees no identifying details on paper either.
  const chamber = await demo.enter('chamber', path)
  await chamber.getByRole('button', { name: 'Imprimer / PDF' }).waitFor()
  const told = (await printed(chamber)).map(({ words }) => words).join(' ')
  expect(told).toContain(bare(`Alerte ${draft.reference}`))
  expect(told).toContain(bare('Texte réservé aux forces'))
  expect(told).not.toMatch(/GH-482-LP|plaqueetcouleur/)
})
