import { XMLValidator } from 'fast-xml-parser'
import { strFromU8, unzipSync } from 'fflate'
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, testDeps } from '../../../test/support/deps.ts'
import { seedSchemes } from '../../../test/support/fixtures.ts'
import webEn from '../../../web/messages/en.json' with { type: 'json' }
import webFr from '../../../web/messages/fr.json' with { type: 'json' }
import type { Deps } from '../../deps.ts'
import { setSchemeContact } from '../../enrolment/contact.ts'
import en from '../../i18n/en.json' with { type: 'json' }
import fr from '../../i18n/fr.json' with { type: 'json' }
import type { Database } from '../../platform/db.ts'
import { renderOdt } from '../documents/odt.ts'
import { SECTIONS } from '../file/sections.ts'
import { writeNotice } from '../retention/notice.ts'
import { getPaperOdt, getPaperPdf } from './actions.ts'
import { PaperName } from './contract.ts'
import { writeDpia } from './dpia.ts'
import { readPaperFacts } from './facts.ts'
import { listProcessings } from './processings.ts'

const chamber = actorOf('chamber', 'ac63')
const NOW = new Date('2026-06-01T12:00:00Z')

/** Opens an ODT and checks what a word processor needs of it. @returns its text */
function readOdt(odt: Buffer): string {
  // The type comes first and is not compressed: 30 octets of the header, its name, then itself (ODF 1.3, part 2, 3.3).
  expect(odt.subarray(0, 4).toString('latin1')).toBe('PK\u0003\u0004')
  expect(odt.readUInt16LE(8)).toBe(0)
  expect(odt.subarray(30, 77).toString()).toBe('mimetypeapplication/vnd.oasis.opendocument.text')
  const parts = unzipSync(new Uint8Array(odt))
  const manifest = strFromU8(parts['META-INF/manifest.xml']!)
  for (const name of ['content.xml', 'styles.xml', 'meta.xml']) {
    expect(XMLValidator.validate(strFromU8(parts[name]!)), name).toBe(true)
    expect(manifest).toContain(`full-path="${name}"`)
  }
  return strFromU8(parts['content.xml']!)
}

/** Words by which the papers name what each section of a person's file holds: papers, notice, notice in English. */
const NAMED: Readonly<Record<string, readonly [papers: RegExp, notice?: RegExp, english?: RegExp]>> = {
  business: [/code d’activité \(NAF\), métier/, /code d’activité \(NAF\), métier/, /activity code \(NAF\)/],
  people: [/nom, mobile et courriel des contacts/, /nom, mobile, courriel/, /name, mobile, email/],
  names: [/enseigne/, /enseigne/, /Your business: name/],
  corrections: [
    /corrections que l’adhérent demande/,
    /corrections que vous demandez/,
    /corrections you ask for/,
  ],
  memberNotes: [/notes et étiquettes de la chambre/, /notes, étiquettes/, /notes, tags/],
  tags: [/notes et étiquettes de la chambre/, /notes, étiquettes/, /notes, tags/],
  charter: [/signature sur papier/, /sur le portail ou sur papier/, /on the portal or on paper/],
  enrolments: [/Demandes d’adhésion.*motif du refus/, /demande d’adhésion, même refusée/, /even if refused/],
  onCall: [/heures d’astreinte/, /./],
  dues: [/montants, paiements/, /montants, paiements/, /amounts, payments/],
  payments: [/montants, paiements/, /montants, paiements/, /amounts, payments/],
  receipts: [/reçus/, /reçus/, /receipts/],
  notices: [/appels et relances/, /appels et relances/, /reminders/],
  mandates: [/IBAN, mandat SEPA/, /IBAN, mandat/, /IBAN, signed mandate/],
  transfers: [/libellé des virements/, /Ce que la banque écrit d’un virement/, /bank/],
  smsChoices: [/état de remise/, /état de remise/, /delivery status/],
  numbers: [/numéro/, /mobile/],
  alerts: [/état de remise, heure/, /état de remise/, /delivery status/],
  heldBack: [/numéro, commune/, /SMS/],
  messages: [/Messages de service/, /messages de service/, /[Ss]ervice messages/],
  mails: [/adresse électronique/, /adresse où ils vont/, /address they are sent to/],
  requests: [/Demandes sur les données/, /demandes sur vos données/, /requests about your data/],
  accesses: [/consultations des fiches/, /qui a consulté vos données/, /who accessed your data/],
  changes: [/modifications de la fiche/, /modifications de votre fiche/, /changes to your record/],
  reasons: [/motifs et noms à côté/, /modifications de votre fiche/, /changes to your record/],
  lists: [/listes déposées pour un import/, /lignes des listes/, /rows of the lists/],
  devices: [/appareil .*réseau \(adresse tronquée\)/, /appareil, réseau/, /device, network/],
  acts: [/réseau d’où l’on a agi/, /réseau d’où vous agissez/, /network from which you act/],
}

describe.each(usualKinds)('the papers for the CNIL on %s', (kind) => {
  let database: Database
  let deps: Deps
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    const plain = testDeps(database, { now: () => NOW })
    deps = {
      ...plain,
      config: {
        ...plain.config,
        mail: { url: 'smtps://user:secret@mail.hoster.example:465', from: 'alerte@cci.example' },
      },
    }
    await setSchemeContact(deps, chamber, 'ac63', {
      chamber: { phone: '04 65 71 63 00', mail: 'alerte@cci.example' },
      dpo: { name: 'Mme Renard & fils <DPO>', mail: 'dpo@cci.example' },
    })
  })
  afterAll(() => database.close())

  /** The texts that the settings put into each paper. */
  const settings: Readonly<Record<PaperName, readonly string[]>> = {
    register: ['Mme Renard', 'Puy-de-Dôme', 'mail.hoster.example', 'Sous-traitants', '2 ans après l’appel'],
    dpia: ['Mme Renard', 'Puy-de-Dôme', 'mail.hoster.example', '1. Contexte', '4. Validation', 'ALERTE63'],
    notice: ['Mme Renard', '04 65 71 63 00', 'CNIL'],
  }

  test.each(PaperName.options)(
    '%s is a word processor file and an accessible PDF with the settings',
    async (paper) => {
      const written = readOdt(await getPaperOdt(deps, chamber, 'ac63', paper))
      const odt = written.replaceAll('\u00a0', ' ')
      const pdf = await getPaperPdf(deps, chamber, 'ac63', paper)
      const loading = getDocument({ data: new Uint8Array(pdf), verbosity: 0 })
      const document = await loading.promise
      // Tagged, so that screen readers read it in its order.
      expect(await document.getMarkInfo()).toEqual(
        new Map([
          ['Marked', true],
          ['UserProperties', false],
          ['Suspects', false],
        ]),
      )
      const trees: string[] = []
      let text = ''
      for (let no = 1; no <= document.numPages; no++) {
        const page = await document.getPage(no)
        trees.push(JSON.stringify(await page.getStructTree()))
        text += (await page.getTextContent()).items.map((item) => ('str' in item ? item.str : '')).join(' ')
      }
      await loading.destroy()
      expect(trees.join('')).toContain('"role":"H2"')
      const drawn = text.replaceAll('\u00a0', ' ').replaceAll(/\s+/g, ' ')
      expect(written).not.toMatch(/ [:;!?](?![\w-]+=)|« | »/)
      for (const setting of settings[paper]) {
        expect(odt, setting).toContain(setting)
        expect(drawn, setting).toContain(setting)
      }
      // Signs of the settings become no markup, and no secret is written.
      expect(odt).toContain('&amp; fils &lt;DPO&gt;')
      for (const said of [odt, drawn])
        expect(said).not.toMatch(/secret|undefined|\[object|papers\.|privacy\./)
    },
  )

  test('the register, the impact assessment and the notice name what each part of a person’s file holds', async () => {
    const facts = { ...(await readPaperFacts(deps, 'ac63')), dues: true, debit: true, card: true, mail: true }
    const processings = JSON.stringify(listProcessings(facts))
    const dpia = JSON.stringify(writeDpia(facts, '2026-06-01'))
    const notices = (['fr', 'en'] as const).map((lang) => {
      const texts: Readonly<Record<string, string>> = lang === 'fr' ? fr : en
      const parts = writeNotice(facts, (key) => texts[key] ?? `missing ${key}`, lang)
      return JSON.stringify(parts)
    })
    for (const { name } of SECTIONS) {
      const words = NAMED[name]
      if (words === undefined) throw new Error(`Say in the papers what section ${name} of the file holds.`)
      const [inPapers, french = inPapers, english = french] = words
      expect(processings, name).toMatch(inPapers)
      expect(dpia, name).toMatch(inPapers)
      expect(notices[0], name).toMatch(french)
      expect(notices[1], name).toMatch(english)
    }
    expect(dpia).not.toContain('SMS de bienvenue')
    expect(notices.join('')).not.toMatch(/missing|Parce que vous avez signé/)
  })

  test('are not for operators, and leave out what XML cannot hold', async () => {
    await expect(getPaperPdf(deps, actorOf('operator', 'ac63'), 'ac63', 'dpia')).rejects.toMatchObject({
      code: 'forbidden',
    })
    const document = {
      title: 'a\u0007b',
      scheme: '',
      chamber: '',
      subtitle: '',
      footer: '',
      lang: 'fr',
      at: NOW,
      blocks: [{ kind: 'paragraph', text: '1 < 2\nline' }],
      alone: undefined,
    } as const
    expect(readOdt(renderOdt(document))).toContain('1 &lt; 2<text:line-break/>line')
  })
})

test('the notice on paper has the texts of the public page', () => {
  for (const [paper, page] of [
    [fr, webFr],
    [en, webEn],
  ] as readonly Record<string, string>[][]) {
    const keys = Object.keys(paper!).filter((key) => key.startsWith('privacy.'))
    expect(keys.length).toBeGreaterThan(40)
    for (const key of keys) expect([key, paper![key]]).toEqual([key, page![key]])
  }
})
