import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { actorOf, contactOf, testDeps } from '../../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { testConfig } from '../../../test/support/server.ts'
import type { Deps } from '../../deps.ts'
import { METROPOLITAN_ZONE } from '../../message/clock.ts'
import type { Database } from '../../platform/db.ts'
import { getOwnShop } from '../../portal/shop/shop.ts'
import { getMember } from '../actions.ts'
import { getCertificate, getOwnCertificate, getOwnSticker, getSticker } from './actions.ts'
import { drawCertificate } from './certificate.ts'
import { drawPdf, mm, replaceUnprintable } from './pdf.ts'
import { A4, ReportPaper } from './report-paper.ts'
import { drawSticker } from './sticker.ts'

/** Reads the text of a PDF, page by page, and its metadata. */
async function read(pdf: Buffer) {
  const loading = getDocument({ data: new Uint8Array(pdf), verbosity: 0 })
  const document = await loading.promise
  const pages: { text: string; size: number[]; alts: string }[] = []
  for (let no = 1; no <= document.numPages; no++) {
    const page = await document.getPage(no)
    const { items } = await page.getTextContent()
    const text = items.map((item) => ('str' in item ? item.str : '')).join(' ')
    const alts = JSON.stringify(await page.getStructTree())
    pages.push({ text: text.replace(/[\s\u00a0]+/g, ' '), size: page.view.slice(2), alts })
  }
  const { info } = await document.getMetadata()
  await loading.destroy()
  return { pages, info: info as Record<string, unknown> }
}

/** Reads the lines of the first page: their text, baseline and size in points. */
async function readLines(pdf: Buffer) {
  const loading = getDocument({ data: new Uint8Array(pdf), verbosity: 0 })
  const page = await (await loading.promise).getPage(1)
  const { items } = await page.getTextContent()
  await loading.destroy()
  return items.flatMap((item) =>
    'str' in item && item.str.trim() !== ''
      ? [{ text: item.str, y: Number(item.transform[5]), size: Math.round(item.height) }]
      : [],
  )
}

const facts = {
  space: 'https://alerte.example/portail',
  scheme: 'Alerte commerces 63',
  chamber: 'CCI Puy-de-Dôme',
  sender: 'ALERTE63',
  name: 'Tabac « Chez Žofie »',
  siret: '00012345500016',
  address: '4 place de la Halle',
  commune: 'Issoire',
  memberSince: '2026-03-01',
  charter: {
    version: 2,
    sha256: 'ab'.repeat(32),
    signedName: 'Paul Durand',
    signedAt: new Date('2026-02-27'),
  },
  link: 'https://alerte.example/dispositif/ac63',
  at: new Date('2026-03-12T10:00:00Z'),
  timeZone: METROPOLITAN_ZONE,
}

describe('the papers of a member', () => {
  test('a certificate is one A4 page with who, where, since when and which charter was signed', async () => {
    const { pages, info } = await read(await drawCertificate(facts))
    expect(pages).toHaveLength(1)
    const [page] = pages
    expect(page?.size.map(Math.round)).toEqual([595, 842])
    for (const words of [
      'Attestation d’adhésion',
      'Tabac « Chez Žofie »',
      '000 123 455 00016',
      '4 place de la Halle, Issoire',
      '1er mars 2026',
      'ALERTE63',
      'Version 2, signée le 27 février 2026 par Paul Durand',
      facts.link,
      'appelez le 17',
      'ab'.repeat(32),
    ]) {
      expect(page?.text).toContain(words)
    }
    expect(info).toMatchObject({ Title: 'Attestation d’adhésion', Language: 'fr-FR' })
    // For screen readers, the code's description gives its link.
    expect(page?.alts).toContain(`Code QR de ${facts.link}`)
  })

  test('a certificate and a sticker are in the language of their reader', async () => {
    const { pages, info } = await read(await drawCertificate({ ...facts, lang: 'en' }))
    expect(pages[0]?.text).toContain('1 March 2026')
    expect(pages[0]?.text).not.toMatch(/certificate\.|adhésion/)
    expect(info).toMatchObject({ Language: 'en-GB' })
    const sticker = await read(await drawSticker({ ...facts, lang: 'en' }))
    expect(sticker.pages[0]?.text).toContain('call 17')
    expect(sticker.info).toMatchObject({ Language: 'en-GB' })
  })

  test('a certificate has the days of the scheme', async () => {
    const at = new Date('2026-03-11T22:00:00Z')
    const [page] = (await read(await drawCertificate({ ...facts, at, timeZone: 'Indian/Reunion' }))).pages
    expect(page?.text).toContain('12 mars 2026')
    const [same] = (await read(await drawCertificate({ ...facts, at, timeZone: 'America/Martinique' }))).pages
    expect(same?.text).toContain('11 mars 2026')
  })

  test('a certificate with the longest names still fits one page', async () => {
    const long = 'Établissements '.repeat(8).trim()
    for (const over of [
      { name: long, address: long, scheme: long, chamber: long },
      { siret: null, charter: null },
    ]) {
      expect((await read(await drawCertificate({ ...facts, ...over }))).pages).toHaveLength(1)
    }
    expect((await read(await drawSticker({ ...facts, scheme: long, chamber: long }))).pages).toHaveLength(1)
  })

  test('the names in the head of a certificate do not overlap, on whatever lines they are', async () => {
    const two = 'Alerte commerces et artisanat des communautés de communes du Haut-Forez'
    const three = 'Établissements '.repeat(8).trim()
    const title = 'Attestation d’adhésion'
    for (const [scheme, lines] of [
      ['Alerte commerces 63', 1],
      [two, 2],
      [three, 3],
    ] as const) {
      const chamber = scheme === three ? 'Chambre '.repeat(20).trim() : 'CCI de la Loire'
      const all = await readLines(await drawCertificate({ ...facts, scheme, chamber }))
      const head = all.slice(0, all.findIndex(({ text }) => text === title) + 1)
      const count = head.filter(({ size }) => size === 18).length
      expect(count).toBe(lines)
      expect(head.length).toBeGreaterThan(count + 1)
      for (const [no, { y, size }] of head.entries()) {
        const before = head[no - 1]
        if (before !== undefined) expect(before.y - y).toBeGreaterThanOrEqual(size)
      }
    }
  })

  test('a sticker is A6 and names the scheme, not the shop', async () => {
    const { pages } = await read(await drawSticker({ ...facts, scheme: 'Alerte commerces Puy-de-Dôme' }))
    expect(pages).toHaveLength(1)
    expect(pages[0]?.size.map(Math.round)).toEqual([298, 420])
    expect(pages[0]?.text).toContain('Puy-de-Dôme')
    expect(pages[0]?.text).toContain('Urgence : appelez le 17')
    expect(pages[0]?.text).toContain('Espace adhérent : alerte.example/portail')
    expect(pages[0]?.text).not.toContain('Žofie')
  })

  test('writes what the fonts have, and the nearest equivalent otherwise', () => {
    expect(replaceUnprintable('Œufs à 3\u202f€ «\u00a0ici\u00a0» — l’été')).toBe(
      'Œufs à 3\u00a0€ «\u00a0ici\u00a0» — l’été',
    )
    expect(replaceUnprintable('Łódź, Nguyễn 🥐')).toBe('?ódz, Nguyen ?')
  })
})

describe('who may get the papers', () => {
  let database: Database
  let deps: Deps
  beforeAll(async () => {
    database = await testDatabase('postgres')
    await seedSchemes(database)
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), name: 'Tabac du Centre', phones: [phoneOf(1)] },
      { id: idOf(2), name: 'Boulangerie', trade: 'bakeries', phones: [phoneOf(2)] },
    ])
    await database.db.updateTable('members').set({ status: 'left' }).where('id', '=', idOf(2)).execute()
    deps = testDeps(database, { config: testConfig({ TOCSIN_DEMO: 'true' }) })
  })
  afterAll(() => database.close())

  test('the chamber, its trade chamber and the member itself; no other user', async () => {
    const tobacconists = actorOf('trade_chamber', 'ac63', { trades: ['tobacco-press'] })
    const own = contactOf('ac63', idOf(1))
    const mine = { schemeId: 'ac63', memberId: idOf(1) }
    const certificates = [
      getCertificate(deps, actorOf('chamber', 'ac63'), 'ac63', idOf(1)),
      getCertificate(deps, tobacconists, 'ac63', idOf(1)),
      getOwnCertificate(deps, own, mine),
    ]
    for (const certificate of certificates) {
      expect((await read(await certificate)).pages[0]?.text).toContain('Tabac du Centre')
    }
    for (const sticker of [getSticker(deps, tobacconists, 'ac63'), getOwnSticker(deps, own, mine)]) {
      expect((await read(await sticker)).pages).toHaveLength(1)
    }
    const bakers = actorOf('trade_chamber', 'ac63', { trades: ['bakeries'] })
    await expect(getCertificate(deps, bakers, 'ac63', idOf(1))).rejects.toMatchObject({ code: 'not_found' })
    const other = contactOf('ac63', idOf(2))
    await expect(getOwnCertificate(deps, other, mine)).rejects.toMatchObject({ code: 'not_found' })
    await expect(getCertificate(deps, own, 'ac63', idOf(1))).rejects.toMatchObject({ code: 'forbidden' })
    await expect(getCertificate(deps, actorOf('chamber', 'ac39'), 'ac63', idOf(1))).rejects.toMatchObject({
      code: 'unknown_scheme',
    })
  })

  test('gives the day of joining that the chamber stated, else the day on which the member was added', async () => {
    const since = async () => {
      const { pages } = await read(await getCertificate(deps, actorOf('chamber', 'ac63'), 'ac63', idOf(1)))
      const own = await getOwnShop(deps, contactOf('ac63', idOf(1)), { schemeId: 'ac63', memberId: idOf(1) })
      const { memberSince } = await getMember(deps, actorOf('chamber', 'ac63'), 'ac63', idOf(1))
      return { paper: pages[0]?.text, portal: own.business.memberSince, console: memberSince }
    }
    const members = database.db.updateTable('members').where('id', '=', idOf(1))
    // Already the next day in the time zone of the scheme.
    await members.set({ createdAt: new Date('2025-12-31T23:30:00Z') }).execute()
    const added = await since()
    expect(added.paper).toContain('1er janvier 2026')
    expect(added).toMatchObject({ portal: '2026-01-01', console: '2026-01-01' })
    await members.set({ joinedOn: '2019-05-02' }).execute()
    const stated = await since()
    expect(stated.paper).toContain('2 mai 2019')
    expect(stated.paper).not.toContain('1er janvier 2026')
    expect(stated).toMatchObject({ portal: '2019-05-02', console: '2019-05-02' })
  })

  test('refuses papers for a business that is no longer a member', async () => {
    await expect(getCertificate(deps, actorOf('chamber', 'ac63'), 'ac63', idOf(2))).rejects.toMatchObject({
      code: 'wrong_state',
    })
  })
})

/** The longest names that the settings accept. */
const longest = {
  scheme: `${'ALERTE COMMERCES DU GRAND MASSIF CENTRAL '.repeat(2)}`.slice(0, 80).trim(),
  chamber: `${'CHAMBRE DE COMMERCE ET D’INDUSTRIE MÉTROPOLITAINE '.repeat(3)}`.slice(0, 120).trim(),
}

test('the longest names leave the code and the address of a sticker free', async () => {
  const lines = await readLines(await drawSticker({ ...facts, ...longest, link: 'https://a.example' }))
  // The sentence below the name and the line that asks to call 17 have the same size.
  const call = lines.findLastIndex(({ size }) => size === 12)
  expect(Math.max(...lines.slice(0, call).map(({ y }) => mm(148) - y))).toBeLessThan(mm(81))
  const chamber = lines.slice(call + 1, -1)
  expect(chamber.length).toBeGreaterThan(1)
  expect(Math.min(...chamber.map(({ y }) => y))).toBeGreaterThan((lines.at(-1)?.y ?? 0) + 8)
})

test('the band of a report is as high as the longest names, which are white', async () => {
  let band = 0
  const pdf = await drawPdf({ title: 'Rapport', size: A4, at: facts.at }, (page) => {
    const rect = page.rect.bind(page)
    page.rect = (x, y, width, height) => {
      if (band === 0) band = height
      return rect(x, y, width, height)
    }
    const paper = new ReportPaper(page, { footer: String, nothing: '', count: String })
    paper.drawHead({
      ...longest,
      chamber: replaceUnprintable(longest.chamber),
      title: 'Rapport',
      subtitle: '2026',
    })
    paper.end()
  })
  const depths = (await readLines(pdf)).map(({ y, size }) => ({ depth: A4[1] - y, size }))
  const names = depths.filter(({ size }) => size === 17 || size === 10).map(({ depth }) => depth)
  expect(names.length).toBeGreaterThan(3)
  expect(Math.max(...names)).toBeLessThan(band - mm(2))
  expect(depths.find(({ size }) => size === 22)?.depth).toBeGreaterThan(band + mm(10))
})
