import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import type { Page } from 'playwright-core'
import { readConfig } from '../src/config.ts'
import { sendYearlyQuestions } from '../src/members/numbers/reconfirm.ts'
import { hourOf, METROPOLITAN_ZONE } from '../src/message/clock.ts'
import { startServer } from '../src/start/serve.ts'
import { importContours } from '../src/territory/map/import.ts'
import { launchBrowser } from '../test/support/browser.ts'
import { recordAlert } from './moving-picture.ts'

/**
 * Takes the screenshots of docs/screenshots/ on a throw-away demo: `npm run screenshots`. With
 * `--contours FILE.geojson`, the map of département 63 shows contours instead of points;
 * `--only alert,routes` takes those pictures alone; `--out DIRECTORY` puts them elsewhere, to be looked at first;
 * `--moving` records the moving picture of README.md alone, by `img2webp` of the Debian package `webp`.
 */
const { values } = parseArgs({
  options: {
    contours: { type: 'string' },
    only: { type: 'string' },
    out: { type: 'string' },
    moving: { type: 'boolean', default: false },
  },
})
/** CSS pixels */
const TALLEST = 3700
const OUT = values.out ?? new URL('../docs/screenshots/', import.meta.url).pathname

interface Look {
  readonly viewport: { readonly width: number; readonly height: number }
  readonly colours: 'light' | 'dark'
}
const DESK_LIGHT: Look = { viewport: { width: 1440, height: 900 }, colours: 'light' }
const PHONE_LIGHT: Look = { viewport: { width: 390, height: 844 }, colours: 'light' }
const PHONES: readonly Look[] = [PHONE_LIGHT, { ...PHONE_LIGHT, colours: 'dark' }]
const LOOKS: readonly Look[] = [DESK_LIGHT, PHONE_LIGHT].flatMap((look) => [
  look,
  { ...look, colours: 'dark' },
])

/** A sheet of A4 at 96 dots per inch. */
const PAPER: Look = { viewport: { width: 794, height: 1123 }, colours: 'light' }

/** The link in the re-confirmation SMS to the first number. */
let numberLink = ''
const directory = mkdtempSync(join(tmpdir(), 'tocsin-screenshots-'))
const config = readConfig({
  PORT: '0',
  TOCSIN_DATA_DIR: directory,
  TOCSIN_LOG_LEVEL: 'error',
  // Slow enough for the bar of deliveries to be seen moving.
  ...(values.moving ? { TOCSIN_SMPP_RATE: '8' } : {}),
})
const server = await startServer(config, { printLine: console.error })
const browser = await launchBrowser()
try {
  mkdirSync(OUT, { recursive: true })
  if (values.contours !== undefined) {
    const system = { kind: 'system', name: 'screenshots' } as const
    const file = { departementCode: '63', bytes: readFileSync(values.contours), source: 'file' }
    await importContours(server.deps, system, file)
  }
  if (values.moving) await visit('operator', DESK_LIGHT, (page) => recordAlert(page, join(OUT, 'alert.webp')))
  else await takeAllPictures()
} finally {
  await browser.close()
  await server.stop()
  rmSync(directory, { recursive: true, force: true })
}

async function takeAllPictures(): Promise<void> {
  await takePictures('start', null, (page) => page.goto('/'))
  await takePictures('room', 'operator', typeRobbery)
  const robbery = await submitRobbery()
  await createWaitingAlert()
  await takePictures('approval', 'chief', (page) => page.goto('/a-valider'))
  await takePictures('magistrate', 'magistrate', (page) => page.goto('/a-valider'))
  // The page that the SMS to the person on call opens.
  await takePictures('approver', 'chief', (page) => page.goto(`/valider/ac63/${robbery.id}`), PHONES)
  await runOnce('operator', sendAlert)
  await runOnce('chief', (page) =>
    postForm(page, `/alerts/${robbery.id}/approve`, { version: robbery.version }),
  )
  await takePictures('alert', 'operator', (page) => page.goto(`/alertes/${robbery.id}`))
  await takePictures('print', 'operator', (page) => showPrintLayout(page, robbery.id), [PAPER])
  await runOnce('operator', createRefusedReports)
  await takePictures('journal', 'operator', (page) => page.goto('/journal'))
  await runOnce('operator', linkIncidents)
  await runOnce('operator', createSimilarCalls)
  await takePictures('series', 'operator', (page) => page.goto('/series'))
  await takePictures('verify', null, openVerification)
  await takePictures('phones', null, (page) => page.goto('/telephones'))
  await takePictures('scheme', null, (page) => page.goto('/dispositif/ac63'))
  await takePictures('status', null, (page) => page.goto('/dispositif/ac63/etat'))
  await takePictures('join', null, (page) => page.goto('/dispositif/ac63/inscription'))
  await takePictures('portal-sign', null, (page) => page.goto('/portail'), [PHONE_LIGHT])
  await takePictures('portal', 'merchant', openOwnAlerts)
  await takePictures('portal-report', 'merchant', enterOwnReport)
  await takePictures('portal-shop', 'merchant', (page) => page.goto('/portail/commerce'))
  await takePictures('portal-data', 'merchant', (page) => page.goto('/portail/donnees'))
  await takePictures('enrolments', 'chamber', openEnrolment)
  await takePictures('settings', 'chamber', addDoctrineRule)
  await takePictures('today', 'chamber', (page) => page.goto('/aujourdhui'))
  await takePictures('delegate', 'trade_chamber', (page) => page.goto('/aujourdhui'))
  await takePictures('members', 'chamber', (page) => page.goto('/adherents'))
  await takePictures('import', 'chamber', (page) => page.goto('/importer'))
  await takePictures('sectors', 'chamber', (page) => page.goto('/secteurs'))
  await takePictures('dues', 'chamber', (page) => page.goto('/cotisations'))
  await takePictures('messages', 'chamber', showServiceMessage)
  await takePictures('statistics', 'chamber', (page) => page.goto('/statistiques'))
  await takePictures('privacy', 'chamber', (page) => page.goto('/reglages?partie=donnees'))
  await takePictures('audit', 'chamber', (page) => page.goto('/audit'))
  await takePictures('mails', null, openFirstMail)
  await takePictures('numbers', 'chamber', (page) => page.goto('/numeros'))
  if (isWanted('number')) await runOnce('chamber', askNumbers)
  await takePictures('number', null, (page) => page.goto(numberLink))
  await runOnce('operator', (page) => sendAlert(page, '2', 'clermont-f', 'c'))
  await takePictures('routes', 'operator', openBusyRoutes)
}

function isWanted(name: string): boolean {
  return values.only === undefined || values.only.split(',').includes(name)
}

/** Shows the facts of the alert in their print layout. */
async function showPrintLayout(page: Page, alertId: string): Promise<void> {
  await page.goto(`/alertes/${alertId}`)
  await page.getByRole('button', { name: 'Imprimer / PDF' }).waitFor()
  await page.emulateMedia({ media: 'print' })
  // The margins of the sheet, which a screen does not have.
  await page.addStyleTag({ content: 'body { padding: 12mm !important }' })
}

/** Shows a service message in its last check before sending. */
async function showServiceMessage(page: Page): Promise<void> {
  await page.goto('/messages')
  await page.getByRole('button', { name: 'Écrire un message' }).click()
  await page
    .getByLabel('Message', { exact: true })
    .fill('Réunion du réseau mardi à 19 h à la CCI, à Issoire.')
  await page.getByRole('button', { name: 'Relire avant l’envoi' }).click()
  await page.getByRole('status').filter({ hasText: 'Coût' }).waitFor()
}

/** Shows the demo's mailbox with a mail open. */
async function openFirstMail(page: Page): Promise<void> {
  await page.goto('/courriels')
  await page.getByRole('article').frameLocator('iframe').getByRole('heading').first().waitFor()
}

/** Shows a merchant's alerts, the last one read. */
async function openOwnAlerts(page: Page): Promise<void> {
  await page.goto('/portail')
  await page.getByRole('article').first().waitFor()
  const read = page.getByRole('button', { name: /J’ai bien lu/ }).first()
  if ((await read.count()) > 0) await read.click()
  await page.getByText(/^Lu /).first().waitFor()
}

/** Shows a report being entered; on the first call another one is waiting. */
async function enterOwnReport(page: Page): Promise<void> {
  await page.goto('/portail/signaler')
  const fill = async (): Promise<void> => {
    await page.getByLabel('Que se passe-t-il ?').selectOption({ label: 'Faux billets' })
    await page.getByLabel('Oui, j’ai appelé').check({ force: true })
    await page.getByLabel('Direction de fuite').fill('vers la gare, à pied')
    await page.getByLabel('Ce qui s’est passé').fill('Deux billets de 50 € sur un achat de tabac.')
  }
  await fill()
  await page.waitForTimeout(1000)
  if ((await page.getByText('Aucun signalement').count()) > 0) {
    await page.getByRole('button', { name: 'Envoyer aux opérateurs' }).click()
    await page.getByRole('button', { name: 'Faire un autre signalement' }).click()
    await fill()
  }
  await page.evaluate('document.activeElement.blur(); scrollTo(0, 0)')
}

/** Sends the yearly question to numbers of the demo, as on a working day a year later. */
async function askNumbers(page: Page): Promise<void> {
  await page.goto('/numeros')
  await page.getByRole('switch').waitFor()
  const { db } = server.deps
  await sql`update contacts set mobile_at = now() - interval '13 months' where scheme_id = 'ac63'`.execute(db)
  await sendYearlyQuestions({ ...server.deps, now: () => new Date('2030-03-05T09:00:00Z') })
  await sql`update reconfirmations set asked_at = now(), began_at = now()`.execute(db)
  for (let i = 0; i < 100 && numberLink === ''; i++) {
    const { rows } = await sql<{ text: string }>`
      select text from broadcasts where lane = 'reminder' order by id limit 1`.execute(db)
    numberLink = /\/numero\/[\w-]+/.exec(rows[0]?.text ?? '')?.[0] ?? ''
    await page.waitForTimeout(100)
  }
}

/** Shows the enrolments with one of them open. */
async function openEnrolment(page: Page): Promise<void> {
  await page.goto('/demandes')
  await page.getByRole('button', { name: 'Fleurs du Beffroi' }).click()
  await page.getByRole('dialog').getByText('Saisi à la main').waitFor()
}

/** Shows the doctrine while a rule is edited, with its effect; nothing is saved. */
async function addDoctrineRule(page: Page): Promise<void> {
  await page.goto('/reglages?partie=doctrine')
  await page.getByRole('button', { name: 'Ajouter une règle' }).click()
  const rule = page.getByRole('group', { name: /^Règle 3/ })
  await rule.getByRole('checkbox', { name: 'Faux billets' }).focus()
  await page.keyboard.press('Space')
  await page.evaluate('document.activeElement.blur(); scrollTo(0, 0)')
}

/** Runs `work` in the browser of a demo account or of a visitor. */
async function visit<T>(
  door: string | null,
  look: Partial<Look>,
  work: (page: Page) => Promise<T>,
): Promise<T> {
  const context = await browser.newContext({
    ...(look.viewport && { viewport: look.viewport }),
    ...(look.colours && { colorScheme: look.colours }),
    locale: 'fr-FR',
    baseURL: server.url,
    timezoneId: METROPOLITAN_ZONE,
    // Styles are added for the pictures alone.
    bypassCSP: true,
  })
  try {
    const headers = { origin: server.url }
    if (door === 'merchant') await context.request.post('/api/demo/portal', { headers })
    else if (door !== null) await context.request.post('/api/demo/sessions', { data: { as: door }, headers })
    return await work(await context.newPage())
  } finally {
    await context.close()
  }
}

/** Runs an act whose result later pictures show. */
async function runOnce(door: string, work: (page: Page) => Promise<unknown>): Promise<void> {
  await visit(door, DESK_LIGHT, work)
}

/** Takes one picture per look. */
async function takePictures(
  name: string,
  door: string | null,
  work: (page: Page) => Promise<unknown>,
  looks: readonly Look[] = LOOKS,
): Promise<void> {
  if (!isWanted(name)) return
  for (const look of looks) {
    await visit(door, look, async (page) => {
      await work(page)
      // Wait for the figures, and for the map to be drawn.
      await page
        .locator('.mantine-Skeleton-root')
        .first()
        .waitFor({ state: 'detached', timeout: 20_000 })
        .catch(() => {})
      await page.waitForTimeout(2500)
      const maps = page.locator('[data-ready]:not([data-drawn])').filter({ visible: true })
      await maps.first().waitFor({ state: 'detached', timeout: 60_000 })
      // On a phone, the whole page, with sticky elements at their place in the page.
      // The page of an approver is one screen by design.
      const fullPage = look.viewport.width < 760 && name !== 'approver'
      if (fullPage) {
        await page.evaluate('scrollTo(0, 0)')
        await page.addStyleTag({
          content:
            'header, [class*="_bar_"] { position: static !important } body { position: relative } nav:not([class*="_parts_"]) { position: absolute !important }',
        })
      }
      const path = join(OUT, `${name}-${look.viewport.width}-${look.colours}.png`)
      const { width } = look.viewport
      const height = Number(await page.evaluate('document.documentElement.scrollHeight'))
      // Long lists show only their beginning.
      const clip = { x: 0, y: 0, width, height: Math.min(height, TALLEST) }
      await page.screenshot({ path, ...(fullPage && { fullPage, clip }) })
    })
    console.error(`${name} ${look.viewport.width} ${look.colours}`)
  }
}

/** Formats the current time as "17h30" for the text. */
function formatTimeNow(): string {
  return hourOf(Date.now(), METROPOLITAN_ZONE)
}

/** Sends a request as a form of the console would. @returns the response */
async function postForm<T>(page: Page, path: string, data: unknown): Promise<T> {
  const answer = await page.request.post(`/api/schemes/ac63${path}`, {
    data,
    headers: { origin: server.url },
  })
  if (!answer.ok()) throw new Error(`${path}: ${answer.status()} ${await answer.text()}`)
  return (await answer.json()) as T
}

interface Call {
  readonly categoryCode: string
  readonly communeCode: string
  readonly facts: string
}

function createReport(page: Page, call: Call): Promise<{ id: string }> {
  return postForm(page, '/reports', call)
}

/** Creates reports refused for different reasons. */
async function createRefusedReports(page: Page): Promise<void> {
  const calls = [
    [
      'counterfeit-notes',
      '63003',
      'billet de 50 € contrôlé au stylo',
      'doubt',
      'La banque l’a reconnu vrai.',
    ],
    ['group-theft', '63300', 'trois jeunes retenus par le vigile', 'arrested', undefined],
    ['assault', '63430', 'dispute entre deux clients', 'no_offence', undefined],
  ] as const
  for (const [categoryCode, communeCode, facts, reason, note] of calls) {
    const { id } = await createReport(page, { categoryCode, communeCode, facts })
    await postForm(page, `/reports/${id}/refuse`, { reason, note })
  }
}

/** Links two incidents into a series. */
async function linkIncidents(page: Page): Promise<void> {
  const reportIds: string[] = []
  for (const [communeCode, facts] of [
    ['63178', 'vitrine forcée à la voiture-bélier, caisse et cigarettes emportées'],
    ['63284', 'voiture-bélier dans la vitrine, cigarettes emportées'],
  ] as const) {
    const { id } = await createReport(page, { categoryCode: 'burglary', communeCode, facts })
    reportIds.push(id)
  }
  await postForm(page, '/series', { title: 'Voiture-bélier, bureaux de tabac', reportIds })
}

/** Shows the public check of an SMS that was sent. */
async function openVerification(page: Page): Promise<void> {
  const { reference, text } = await visit('operator', DESK_LIGHT, async (inside) => {
    const answer = await inside.request.get('/api/schemes/ac63/alerts?ordered=true&limit=1')
    const [alert] = ((await answer.json()) as { alerts: { reference: string; sentText: string }[] }).alerts
    if (alert === undefined) throw new Error('no alert was sent')
    return { reference: alert.reference, text: alert.sentText }
  })
  await page.goto('/verifier')
  await page.getByLabel('Référence').fill(reference)
  await page.getByRole('textbox').first().fill(text)
  await page.getByRole('button', { name: /^Vérifier/ }).click()
}

/** Types a robbery in one line, as during the call. */
async function typeRobbery(page: Page): Promise<void> {
  await page.goto('/salle')
  await page
    .getByRole('textbox', { name: 'L’appel en une ligne' })
    .fill('vma billom il y a 5 min tabac deux hommes scooter vers lezoux')
  await page.getByText('deux hommes en scooter, direction Lezoux').first().waitFor()
  await page.evaluate('document.activeElement.blur()')
}

/** Submits a robbery to a second person, who is called. @returns the alert */
function submitRobbery(): Promise<{ id: string; version: number }> {
  return visit('operator', DESK_LIGHT, async (page) => {
    const facts = 'deux hommes en scooter, direction Lezoux'
    const report = await postForm<{ id: string }>(page, '/reports', {
      categoryCode: 'armed-robbery',
      communeCode: '63040',
      place: 'tabac',
      facts,
    })
    const draft = await postForm<{ id: string; version: number }>(page, '/alerts', {
      reportId: report.id,
      text: `Vol à main armée à Billom, dans un tabac, vers ${formatTimeNow()} : ${facts}. Ne pas intervenir, ne pas transférer SMS.`,
      area: { kind: 'radius', centre: { commune: '63040' }, kilometres: 20 },
      trades: [],
      doctrine: { offence: true, arrested: false, level: 'established' },
      outsideZoneReason: 'Appel reçu au 17 de la police',
    })
    return postForm(page, `/alerts/${draft.id}/submit`, { version: draft.version })
  })
}

/** Creates an alert waiting for approval, with the prosecutor's authorisation. */
async function createWaitingAlert(): Promise<void> {
  await runOnce('operator', async (page) => {
    await page.goto('/salle')
    await page.getByRole('radio', { name: 'Vol par ruse' }).check({ force: true })
    await page.getByRole('combobox', { name: 'Où' }).fill('Riom')
    await page.getByRole('option', { name: /^Riom/ }).first().click()
    await page.getByRole('radio', { name: /Communes voisines/ }).check({ force: true })
    await page
      .locator('#message')
      .fill(
        `Vol par ruse à Riom à ${formatTimeNow()}. Peugeot 208 grise immatriculée GH-482-LP. Ne pas intervenir, appeler le 17.`,
      )
    await page.locator('#niveau-precise').check({ force: true })
    await page.getByLabel('Magistrat').selectOption({ label: 'Mme Delmas · Parquet de Clermont-Ferrand' })
    await page.getByLabel('Étendue').fill('plaque et couleur du véhicule')
    await page.getByRole('button', { name: 'Consigner l’autorisation' }).click()
    await page.getByText('Valable pour ce texte et ces destinataires.').waitFor()
    await page.keyboard.press('Control+Enter')
    await page.getByRole('button', { name: 'Oui, constatée' }).click()
    await page.getByRole('button', { name: 'Soumettre', exact: true }).click()
    await page.getByText('Alerte soumise.', { exact: false }).waitFor()
  })
}

/** Creates two similar calls. */
async function createSimilarCalls(page: Page): Promise<void> {
  for (const [communeCode, facts] of [
    ['63113', 'un homme en costume fait changer de gros billets, rend la monnaie en moins'],
    ['63124', 'homme en costume, fait changer de gros billets et rend la monnaie en moins'],
  ] as const) {
    await page.request.post('/api/schemes/ac63/reports', {
      data: { categoryCode: 'trick-theft', communeCode, facts },
      headers: { origin: server.url },
    })
  }
}

/** Shows the routes just after an alert was sent. */
async function openBusyRoutes(page: Page): Promise<void> {
  await page.goto('/routes')
  await page.getByRole('heading', { level: 2 }).first().waitFor()
  await page.waitForTimeout(8000)
}

async function fillRoom(page: Page, category = '2', place = 'iss', area = 'a'): Promise<void> {
  await page.goto('/salle')
  await page.getByRole('radio', { name: 'Faux billets' }).waitFor()
  await page.keyboard.press(category)
  await page.keyboard.type(place)
  await page.getByRole('option').first().waitFor()
  await page.keyboard.press('Enter')
  await page.locator('input[id^="zone-"]').first().waitFor({ state: 'attached' })
  await page.keyboard.press(area)
}

async function sendAlert(page: Page, category?: string, place?: string, area?: string): Promise<void> {
  await fillRoom(page, category, place, area)
  await page.waitForTimeout(1000)
  await page.keyboard.press('Control+Enter')
  await page.getByRole('dialog').getByRole('button', { name: 'Oui, constatée' }).waitFor()
  await page.keyboard.press('Enter')
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /Maintenir pour diffuser/ })
    .waitFor()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  await page.waitForURL(/alertes\/[0-9a-f-]{36}$/, { timeout: 15_000 })
}
