import type { Position } from 'geojson'
import { sql } from 'kysely'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { AlertPage, AlertView } from '../../src/alerts/contract.ts'
import type { Deps } from '../../src/deps.ts'
import type { SchemeView } from '../../src/schemes/contract.ts'
import type { SectorsView } from '../../src/schemes/sectors/contract.ts'
import { importContours } from '../../src/territory/map/import.ts'
import { type ContourTopology, readTopology } from '../../src/territory/map/topology.ts'
import { enterCall, LOOKS, violationsIn, withDemo } from '../support/demo.ts'

const demo = withDemo({ fill: drawSquares })
const ALL = [LOOKS.lightPhone, LOOKS.darkDesk, LOOKS.phone, LOOKS.desk]
const ISSOIRE = '63178'
const PERRIER = '63287'
const THIERS = '63430'
/** Half the side of the squares that stand for communes, in degrees: no two of them overlap. */
const HALF = 0.008

/** Draws squares around the towns, which a stroke hits where it is expected to; the other communes are not drawn. */
async function drawSquares(deps: Deps): Promise<void> {
  await sql`update communes set latitude = null, longitude = null, point_source = null
    where departement_code = '63' and point_source = 'contour'`.execute(deps.db)
  const { rows } = await sql<{ code: string; x: number; y: number }>`
    select code, longitude as x, latitude as y from communes
    where departement_code = '63' and latitude is not null`.execute(deps.db)
  const features = rows.map(({ code, x, y }) => ({
    type: 'Feature',
    properties: { code },
    geometry: {
      type: 'Polygon',
      coordinates: [
        [
          [x - HALF, y - HALF],
          [x + HALF, y - HALF],
          [x + HALF, y + HALF],
          [x - HALF, y + HALF],
          [x - HALF, y - HALF],
        ],
      ],
    },
  }))
  const bytes = Buffer.from(JSON.stringify({ type: 'FeatureCollection', features }))
  const program = { kind: 'system', name: 'test' } as const
  await importContours(deps, program, { departementCode: '63', bytes, source: 'file' })
}

const sectorsOf = (page: Page) => demo.call<SectorsView>(page, 'GET', '/api/schemes/ac63/sectors')
/** Returns the codes of the selected communes, as the list shows them. */
async function chosenIn(page: Page): Promise<string[]> {
  const rows = await page
    .getByRole('list', { name: 'Communes choisies' })
    .getByRole('listitem')
    .allInnerTexts()
  return rows.map((row) => /\b63\d{3}\b/.exec(row)?.[0] ?? row).toSorted()
}

/** Opens an empty drawing with a name, and waits for its map. */
async function draw(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Dessiner un secteur' }).click()
  await page.getByRole('textbox', { name: 'Nom du secteur' }).fill(name)
  await page.locator('[data-ready="true"]').waitFor()
}

/**
 * Saves the drawing.
 * @returns the codes of the sector with this name
 */
async function save(page: Page, name: string): Promise<readonly string[]> {
  await page.getByRole('button', { name: 'Enregistrer' }).click()
  await page.getByText(`«\u00A0${name}\u00A0» est enregistré`, { exact: false }).waitFor()
  const { sectors } = await sectorsOf(page)
  return sectors.find((one) => one.name === name)?.communeCodes ?? []
}

interface Spot {
  readonly x: number
  readonly y: number
}

/**
 * Returns where communes are on the screen, while the map shows its whole territory; `half`: of their squares, in
 * pixels.
 */
async function spotsOf(page: Page): Promise<{ spots: ReadonlyMap<string, Spot>; half: number }> {
  const canvas = page.locator('canvas')
  await canvas.scrollIntoViewIfNeeded()
  const box = await canvas.boundingBox()
  if (box === null) throw new Error('no map')
  const communes = readTopology(await demo.call<ContourTopology>(page, 'GET', '/api/contours/63'))
  const mercator = ([longitude = 0, latitude = 0]: Position): Spot => ({
    x: (longitude * Math.PI) / 180,
    y: -Math.log(Math.tan(Math.PI / 4 + (latitude * Math.PI) / 360)),
  })
  const corners = communes.map(({ code, contour }) => {
    if (contour.type !== 'Polygon') throw new Error(`${code} is no polygon`)
    const [southWest = [], , northEast = []] = contour.coordinates[0] ?? []
    return { code, low: mercator(southWest), high: mercator(northEast) }
  })
  const west = Math.min(...corners.map(({ low }) => low.x))
  const east = Math.max(...corners.map(({ high }) => high.x))
  const north = Math.min(...corners.map(({ high }) => high.y))
  const south = Math.max(...corners.map(({ low }) => low.y))
  const scale = Math.min((box.width - 16) / (east - west), (box.height - 16) / (south - north))
  const spots = new Map(
    corners.map(({ code, low, high }): [string, Spot] => [
      code,
      {
        x: box.x + box.width / 2 + scale * ((low.x + high.x) / 2 - (west + east) / 2),
        y: box.y + box.height / 2 + scale * ((low.y + high.y) / 2 - (north + south) / 2),
      },
    ]),
  )
  return { spots, half: (scale * HALF * Math.PI) / 180 }
}

/** Returns the distance between a position and the nearest point of a line: the larger of its two coordinates. */
function offLine(spot: Spot, from: Spot, to: Spot): number {
  let nearest = Number.POSITIVE_INFINITY
  const steps = Math.ceil(Math.hypot(to.x - from.x, to.y - from.y))
  for (let step = 0; step <= steps; step++) {
    const x = from.x + ((to.x - from.x) * step) / steps
    const y = from.y + ((to.y - from.y) * step) / steps
    nearest = Math.min(nearest, Math.max(Math.abs(spot.x - x), Math.abs(spot.y - y)))
  }
  return nearest
}

/** Sorts positions by one of their coordinates, smallest first. */
const along = (spots: ReadonlyMap<string, Spot>, key: 'x' | 'y') =>
  [...spots.values()].toSorted((a, b) => a[key] - b[key])

function pick<T>(all: readonly T[], at: number): T {
  const found = all.at(at)
  if (found === undefined) throw new Error(`${all.length} only`)
  return found
}

/** A pointer keeps still for longer than the period from which the map computes its speed when released, in milliseconds. */
const STILL_MS = 300

test('what has the focus in the list is marked on the map beside it, and what the arrow keys reach on the map in the list', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('chamber', '/secteurs', { maps: true })
  const item = page.getByRole('listitem').filter({ hasText: 'Thiers et Dore' }).first()
  await item.getByRole('button', { name: 'Modifier Thiers et Dore' }).focus()
  await expect.poll(() => item.getAttribute('data-marked')).toBe('true')
  const map = page.locator('canvas')
  await expect.poll(() => map.getAttribute('aria-label')).toMatch(/en évidence\s: Thiers et Dore$/)
  const [list, drawn] = [await item.boundingBox(), await map.boundingBox()]
  expect((list?.x ?? 0) + (list?.width ?? 0)).toBeLessThanOrEqual(drawn?.x ?? 0)
  await map.focus()
  await page.keyboard.press('ArrowRight')
  await page.locator('li[data-marked]').first().waitFor()
})

test('a stroke over the map adds the communes it crosses, or removes them if it began on a selected one', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('chamber', '/secteurs', { maps: true })
  await draw(page, 'Au pinceau')
  const { spots, half } = await spotsOf(page)
  // Of the lines from west to east, the one over the most communes.
  const from = pick(along(spots, 'x'), 10)
  const over = (to: Spot) => [...spots.values()].filter((spot) => offLine(spot, from, to) < half).length
  const to = pick(
    along(spots, 'x')
      .slice(-60)
      .toSorted((a, b) => over(b) - over(a)),
    0,
  )
  const stroke = async (one: Spot, other: Spot, steps: number) => {
    await page.mouse.move(one.x, one.y)
    await page.mouse.down()
    await page.mouse.move(other.x, other.y, { steps })
    await page.waitForTimeout(STILL_MS)
    await page.mouse.up()
  }
  // Across nearly the whole territory in three jumps: the communes between the reported positions count too.
  await stroke(from, to, 3)
  await expect.poll(async () => (await chosenIn(page)).length).toBeGreaterThan(6)
  const painted = await chosenIn(page)
  const distances = [...spots].map(([code, spot]) => ({ code, off: offLine(spot, from, to) }))
  expect(distances.filter(({ code, off }) => off < half * 0.4 && !painted.includes(code))).toEqual([])
  expect(distances.filter(({ code, off }) => off > half + 1.5 && painted.includes(code))).toEqual([])
  expect(await save(page, 'Au pinceau')).toEqual(painted)

  await page.getByRole('button', { name: 'Modifier Au pinceau' }).click()
  await page.locator('[data-ready="true"]').waitFor()
  const again = new Map([...(await spotsOf(page)).spots].filter(([code]) => painted.includes(code)))
  const start = pick(along(again, 'x'), 0)
  const fourth = pick(along(again, 'x'), 3)
  const undo = page.getByRole('button', { name: 'Annuler le dernier geste' })
  await stroke(start, fourth, 5)
  await expect.poll(async () => (await chosenIn(page)).length).toBeLessThan(painted.length - 2)
  const left = await chosenIn(page)
  // One stroke is one undo step, by keyboard and by button.
  await page.keyboard.press('Control+z')
  await expect.poll(() => chosenIn(page)).toEqual(painted)
  await stroke(start, fourth, 5)
  await expect.poll(() => chosenIn(page)).toEqual(left)
  await undo.click()
  await expect.poll(() => chosenIn(page)).toEqual(painted)
  await expect.poll(() => undo.isDisabled()).toBe(true)
  // From outside all communes over a selected one: nothing is added, and there is nothing to undo.
  await stroke({ x: pick(along(spots, 'x'), 0).x - 20, y: start.y }, start, 4)
  await expect.poll(() => undo.isDisabled()).toBe(true)
  // A click is a stroke of one commune.
  await page.mouse.click(start.x, start.y)
  await expect.poll(async () => (await chosenIn(page)).length).toBe(painted.length - 1)

  // The hand tool moves the map and does not paint; a click still does, at the commune's new position.
  await page.getByRole('button', { name: 'Déplacer', exact: true }).click()
  const there = { x: start.x + 80, y: start.y + 60 }
  await stroke(start, there, 4)
  expect((await chosenIn(page)).length).toBe(painted.length - 1)
  await page.mouse.click(there.x, there.y)
  await expect.poll(() => chosenIn(page)).toEqual(painted)
  // In a text field, the same keys belong to the field.
  const name = page.getByRole('textbox', { name: 'Nom du secteur' })
  await name.press('End')
  await name.pressSequentially(' !')
  await name.press('Control+z')
  expect(await chosenIn(page)).toEqual(painted)
})

test('one finger paints in painting mode; two move the map and undo what the first began', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('chamber', '/secteurs', { look: LOOKS.phone, touch: true, maps: true })
  await draw(page, 'Du doigt')
  const session = await page.context().newCDPSession(page)
  const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', spots: readonly Spot[]) =>
    session.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: spots.map((spot, id) => ({ ...spot, id })),
    })
  const stroke = async (from: Spot, to: Spot) => {
    await send('touchStart', [from])
    for (const share of [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]) {
      await send('touchMove', [{ x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share }])
      // A page scrolls from one frame to the next.
      await page.evaluate('new Promise((resolve) => requestAnimationFrame(resolve))')
    }
    await send('touchEnd', [])
  }
  const ends = async () => {
    const up = along((await spotsOf(page)).spots, 'y')
    return { low: pick(up, -60), high: pick(up, 60) }
  }
  const scrolled = () => page.evaluate<number>('scrollY')

  // At first a finger scrolls the page, as everywhere.
  const { high } = await ends()
  const top = await scrolled()
  await stroke(high, { x: high.x, y: high.y + 150 })
  await expect.poll(scrolled).not.toBe(top)
  expect(await chosenIn(page)).toEqual([])

  await page.getByRole('button', { name: 'Peindre', exact: true }).click()
  await page.getByText('Un doigt peint, deux doigts déplacent la carte.').waitFor()
  const now = await ends()
  const still = await scrolled()
  await stroke(now.low, now.high)
  await expect.poll(async () => (await chosenIn(page)).length).toBeGreaterThan(2)
  expect(await scrolled()).toBe(still)
  const painted = await chosenIn(page)
  expect(await violationsIn(page, [LOOKS.lightPhone, LOOKS.phone])).toEqual([])

  const { spots } = await spotsOf(page)
  const [code, start] = pick(
    [...spots].filter(([one]) => !painted.includes(one)).toSorted(([, a], [, b]) => a.x - b.x),
    30,
  )
  const down = (by: number) => ({ x: start.x, y: start.y + by })
  const beside = (by: number) => ({ x: start.x + 90, y: start.y + by })
  await send('touchStart', [start])
  await send('touchMove', [down(2)])
  await send('touchStart', [down(2), beside(2)])
  for (const by of [12, 22, 32, 42]) await send('touchMove', [down(by), beside(by)])
  await page.waitForTimeout(STILL_MS)
  await send('touchEnd', [])
  expect(await chosenIn(page)).toEqual(painted)
  // The commune under the finger moved with it.
  await send('touchStart', [down(40)])
  await send('touchEnd', [])
  await expect.poll(() => chosenIn(page)).toEqual([...painted, code].toSorted())
  const undo = page.getByRole('button', { name: 'Annuler le dernier geste' })
  await undo.click()
  await undo.click()
  await expect.poll(() => chosenIn(page)).toEqual([])
})

test('a sector starts from an EPCI, an arrondissement or a pasted list, overlaps another one, and receives an alert', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('chamber', '/adherents', { maps: true })
  await page.getByRole('link', { name: 'Territoire' }).click()
  await page.getByRole('list', { name: 'Secteurs du dispositif' }).waitFor()
  const { communes, epcis, arrondissements } = await sectorsOf(page)
  const codesIn = (key: 'epciCode' | 'arrondissementCode', group: string | undefined) =>
    communes.flatMap((commune) => (commune[key] === group ? [commune.code] : [])).toSorted()
  const pickGroup = async (label: string, typed: string, option: string) => {
    await page.getByRole('combobox', { name: label }).fill(typed)
    await page.getByRole('option', { name: option }).click()
  }

  // A whole EPCI; the screen says how much of it an existing sector contains.
  const metropole = epcis.find(({ name }) => name === 'Clermont Auvergne Métropole')
  const metropolitan = codesIn('epciCode', metropole?.code)
  await draw(page, 'La métropole')
  await pickGroup('Toute une intercommunalité', 'clermont auv', 'Clermont Auvergne Métropole')
  await expect.poll(() => chosenIn(page)).toEqual(metropolitan)
  expect(metropolitan).toHaveLength(21)
  await page.getByText('aussi dans Clermont et sa couronne').first().waitFor()
  expect(await save(page, 'La métropole')).toEqual(metropolitan)

  // A whole arrondissement, without one commune of it.
  const thiers = codesIn('arrondissementCode', arrondissements.find(({ name }) => name === 'Thiers')?.code)
  await draw(page, 'Thiers sans Thiers')
  await pickGroup('Tout un arrondissement', 'thie', 'Thiers')
  await expect.poll(() => chosenIn(page)).toEqual(thiers)
  expect(thiers.length).toBeGreaterThan(20)
  await page.getByRole('button', { name: 'Retirer Thiers', exact: true }).press('Enter')
  const around = thiers.filter((code) => code !== THIERS)
  expect(await save(page, 'Thiers sans Thiers')).toEqual(around)

  // A pasted list; unknown names are reported, and stay to be corrected.
  await draw(page, 'Gorges de l’essai')
  const typed = page.getByRole('textbox', { name: 'Liste de communes' })
  await typed.fill('Issoire, 63287\nNulle-Part')
  await page.getByRole('button', { name: 'Ajouter ces communes' }).click()
  await page.getByText(/Pas de commune du territoire\s: Nulle-Part/).waitFor()
  await expect.poll(() => typed.inputValue()).toBe('Nulle-Part')
  await expect.poll(() => chosenIn(page)).toEqual([ISSOIRE, PERRIER])
  await page.getByText('aussi dans Val d’Allier sud et Lembron').first().waitFor()
  expect(await violationsIn(page, ALL)).toEqual([])
  // Unsaved: asked before leaving.
  await page.getByRole('link', { name: /^Adhérents/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Rester' }).click()
  expect(await save(page, 'Gorges de l’essai')).toEqual([ISSOIRE, PERRIER])

  // The scheme now has these sectors, in addition to the earlier ones.
  const { sectors } = await demo.call<SchemeView>(page, 'GET', '/api/schemes/ac63')
  expect(
    sectors.filter(({ communeCodes }) => communeCodes.includes(ISSOIRE)).map(({ name }) => name),
  ).toEqual(['Gorges de l’essai', 'Val d’Allier sud et Lembron'])
  const sector = sectors.find(({ name }) => name === 'Gorges de l’essai')

  // An alert to it reaches exactly its communes; while the alert is open the sector is kept.
  const operator = await demo.visit('operator')
  const post = <T>(path: string, data: object) =>
    demo.call<T>(operator, 'POST', `/api/schemes/ac63${path}`, data)
  const report = await post<{ id: string }>('/reports', {
    categoryCode: 'counterfeit-notes',
    communeCode: ISSOIRE,
  })
  const draft = await post<AlertView>('/alerts', {
    reportId: report.id,
    text: 'Faux billets à Issoire. Ne pas intervenir.',
    area: { kind: 'sector', id: sector?.id },
    doctrine: { offence: true, arrested: false, level: 'established' },
  })
  await post(`/alerts/${draft.id}/broadcast`, { version: draft.version })
  const alertNow = async () =>
    (await demo.call<AlertPage>(operator, 'GET', `/api/schemes/ac63/alerts/${draft.id}`)).alert
  await expect.poll(async () => (await alertNow()).progress?.delivered).toBeGreaterThan(0)
  const { rows } = await sql<{ commune: string }>`
    select distinct d.commune_code as commune from deliveries d join broadcasts b on b.id = d.broadcast_id
    where b.alert_id = ${draft.id}::uuid and b.kind = 'first'`.execute(demo.deps.db)
  expect(rows.map(({ commune }) => commune).filter((code) => ![ISSOIRE, PERRIER].includes(code))).toEqual([])
  await page.getByRole('button', { name: 'Retirer Gorges de l’essai' }).click()
  // The alert that it is for is named, with a link, before anything is removed.
  await page.getByText('«\u00A0Gorges de l’essai\u00A0» sert à', { exact: false }).first().waitFor()
  await page.getByRole('link', { name: draft.reference }).waitFor()
  expect((await sectorsOf(page)).sectors.map(({ name }) => name)).toContain('Gorges de l’essai')
})

test('a removed sector is restored from the list of removed ones, which shows when and by which user', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('chamber', '/secteurs', { maps: true })
  const sectors = page.getByRole('list', { name: 'Secteurs du dispositif' })
  const combrailles = sectors.getByRole('button', { name: 'Modifier Combrailles' })
  await page.getByRole('button', { name: 'Retirer Combrailles' }).click()
  await page.getByText(/«\sCombrailles\s» est retiré/).waitFor()
  await combrailles.waitFor({ state: 'detached' })
  await expect.poll(() => page.locator('h2:focus').textContent()).toBe('Secteurs du dispositif')
  // The passing message may be missed: the sector can be restored on another day.
  await page.reload()
  await page.getByText('Secteurs retirés (1)').click()
  await page
    .getByRole('list', { name: 'Secteurs retirés (1)' })
    .getByText(/99 communes.*retiré à \d\d:\d\d par Sophie Lambert/)
    .waitFor()
  expect(await violationsIn(page, ALL)).toEqual([])
  const english = await demo.enter('chamber', '/secteurs', { locale: 'en-GB', maps: true })
  await english.getByRole('heading', { level: 1, name: 'Sectors' }).waitFor()
  await english.getByText('Removed sectors (1)').click()
  await english.getByText(/removed at \d\d:\d\d by Sophie Lambert/).waitFor()
  expect(await violationsIn(english, ALL)).toEqual([])
  await english.getByRole('button', { name: 'Edit Livradois-Forez' }).click()
  await english.locator('[data-ready="true"]').waitFor()
  expect(await violationsIn(english, ALL)).toEqual([])

  await page.getByRole('button', { name: 'Rétablir Combrailles' }).click()
  await combrailles.waitFor()
  await page.getByText('Secteurs retirés (1)').waitFor({ state: 'detached' })
  // It can also be restored at once from the passing message.
  await page.getByRole('button', { name: 'Retirer Combrailles' }).click()
  await page.getByRole('button', { name: 'Annuler', exact: true }).click()
  await combrailles.waitFor()
})

test('the zone of an agency is drawn: outside it a reason is required, and the agency of the place is notified', {
  tags: 'long',
}, async () => {
  const police = 'Police nationale, DDSP 63, CIC de Clermont-Ferrand'
  const gendarmerie = 'Gendarmerie nationale, CORG du Puy-de-Dôme'
  const page = await demo.enter('chamber', '/secteurs')
  const operator = await demo.enter('operator', '/salle')
  const reason = operator.getByRole('textbox', { name: 'Motif hors zone' })
  await enterCall(operator, '2', 'thiers', /Thiers/)
  await expect.poll(() => reason.count()).toBe(0)

  await page.getByRole('button', { name: `Modifier ${police}` }).click()
  await page.getByRole('button', { name: 'Retirer Thiers', exact: true }).click()
  await page.getByRole('button', { name: 'Enregistrer' }).click()
  await page.getByRole('button', { name: `Modifier ${gendarmerie}` }).click()
  await page.getByRole('textbox', { name: 'Liste de communes' }).fill('thiers')
  await page.getByRole('button', { name: 'Ajouter ces communes' }).click()
  await page.getByRole('button', { name: 'Retirer Thiers', exact: true }).waitFor()
  expect(await violationsIn(page, [LOOKS.phone, LOOKS.desk])).toEqual([])
  await page.getByRole('button', { name: 'Enregistrer' }).click()
  await page.getByText(`«\u00A0${gendarmerie}\u00A0» est enregistré`).waitFor()

  // The room uses the new zone: the place is now in another agency's zone.
  await reason.waitFor()
  // The usual reasons are one key away, from the choices and from the empty field; any other is typed.
  await operator.getByRole('radio', { name: 'À la demande du service de la zone' }).focus()
  await operator.keyboard.press('4')
  await expect.poll(() => reason.inputValue()).toBe('Appel reçu ici')
  await operator.keyboard.press('Digit2')
  await expect.poll(() => reason.inputValue()).toBe('Service de la zone injoignable')
  await reason.fill('')
  await operator.keyboard.press('1')
  await expect.poll(() => reason.inputValue()).toBe('À la demande du service de la zone')
  await reason.fill('')
  await operator.getByText(`Thiers\u00A0: zone «\u00A0${gendarmerie}\u00A0»`, { exact: false }).waitFor()
  const post = <T>(path: string, data: object) =>
    demo.call<T>(operator, 'POST', `/api/schemes/ac63${path}`, data)
  const report = await post<{ id: string }>('/reports', {
    categoryCode: 'counterfeit-notes',
    communeCode: THIERS,
  })
  const content = {
    reportId: report.id,
    text: 'Faux billets à Thiers. Prévenez le 17.',
    area: { kind: 'commune', code: THIERS },
    doctrine: { offence: true, arrested: false, level: 'established' },
  }
  const draft = await post<AlertView>('/alerts', content)
  await expect(post(`/alerts/${draft.id}/broadcast`, { version: draft.version })).rejects.toThrow(
    'doctrine.outside_zone',
  )
  const given = await post<AlertView>('/alerts', { ...content, outsideZoneReason: 'Renfort demandé' })
  await post(`/alerts/${given.id}/broadcast`, { version: given.version })
  const chief = await demo.enter('chief', '/a-valider')
  const told = chief.getByRole('article', { name: given.reference })
  await told.getByText('Renfort demandé').waitFor()

  // A removed zone limits nothing; restored, it does again.
  await page.getByRole('button', { name: `Retirer la zone de ${police}` }).click()
  await reason.waitFor({ state: 'detached' })
  await page.reload()
  await page.getByText('Zones retirées (1)').click()
  await page.getByText(/13 communes.*retirée à \d\d:\d\d par Sophie Lambert/).waitFor()
  expect(await violationsIn(page, [LOOKS.phone, LOOKS.desk])).toEqual([])
  await page.getByRole('button', { name: `Rétablir ${police}` }).click()
  await reason.waitFor()
  const { zones } = await sectorsOf(page)
  expect(zones.find(({ name }) => name === police)?.communeCodes).toHaveLength(13)
})
