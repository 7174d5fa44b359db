import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkPain, noPainSchema } from '../../../test/support/xsd.ts'
import { type Debit, type DebitFile, isCreditorId, sepaText, writeDebitFile } from './pain.ts'

const IBANS = ['FR7630006000011234567890189', 'DE89370400440532013000', 'BE68539007547034'] as const
const debit: Debit = {
  endToEnd: 'AC63-D00001-1',
  amountCents: 1000,
  mandate: 'AC63-0123456789AB',
  signedOn: '2026-02-28',
  holder: 'SARL L’Œuf & « Cie »',
  iban: IBANS[0],
  first: true,
  label: 'Cotisation Alerte Commerces 63',
}
const file: DebitFile = {
  id: 'AC63-D00001',
  createdAt: new Date('2026-03-02T10:00:00Z'),
  collectOn: '2026-03-12',
  creditor: { name: 'CCI Puy-de-Dôme', iban: IBANS[0], bic: 'AGRIFRPP', sepaId: 'FR72ZZZ123456' },
  debits: [debit],
}
const valuesOf = (xml: string, name: string) =>
  [...xml.matchAll(new RegExp(`<${name}(?: [^>]*)?>([^<]*)</${name}>`, 'g'))].map((match) => match[1])

test('writes creditor, debtors, day and mandates, with first and recurring debits in separate blocks', () => {
  const recurring = { ...debit, endToEnd: 'AC63-D00001-2', amountCents: 1, first: false }
  const xml = writeDebitFile({ ...file, debits: [debit, recurring] })
  expect(xml).toContain('urn:iso:std:iso:20022:tech:xsd:pain.008.001.08')
  expect(valuesOf(xml, 'SeqTp')).toEqual(['FRST', 'RCUR'])
  expect(valuesOf(xml, 'CtrlSum')).toEqual(['10.01', '10.00', '0.01'])
  expect(valuesOf(xml, 'ReqdColltnDt')).toEqual(['2026-03-12', '2026-03-12'])
  expect(valuesOf(xml, 'DtOfSgntr')).toEqual(['2026-02-28', '2026-02-28'])
  expect(valuesOf(xml, 'EndToEndId')).toEqual(['AC63-D00001-1', 'AC63-D00001-2'])
  expect(valuesOf(xml, 'Nm')).toContain('SARL L&apos;OEuf Cie')
  expect(valuesOf(xml, 'Nm')).toContain('CCI Puy-de-Dome')
})

test('checks a creditor identifier', () => {
  expect(isCreditorId('FR72ZZZ123456')).toBe(true)
  expect(isCreditorId('DE98ZZZ09999999999')).toBe(true)
  for (const wrong of ['', 'FR73ZZZ123456', 'FR72', 'fr72zzz123456']) expect(isCreditorId(wrong)).toBe(false)
})

test('writes only characters that every bank accepts, and never an empty text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
      expect(sepaText(text, 70)).toMatch(/^[A-Za-z0-9+?:().,' -]{1,70}$/)
    }),
  )
})

test.skipIf(noPainSchema !== undefined)(
  `is valid against the schema of ISO 20022${noPainSchema ? ` (skipped: ${noPainSchema})` : ''}`,
  () => {
    const directory = mkdtempSync(join(tmpdir(), 'tocsin-pain-'))
    const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 })
    const anyDebit = fc.record({
      amountCents: fc.integer({ min: 1, max: 10_000_000 }),
      holder: words,
      label: words,
      iban: fc.constantFrom(...IBANS),
      first: fc.boolean(),
      signedOn: fc.constantFrom('2024-02-29', '2026-03-29', '2026-12-31'),
    })
    const files: string[] = []
    try {
      fc.assert(
        fc.property(
          fc.array(anyDebit, { minLength: 1, maxLength: 12 }),
          words,
          fc.constantFrom('', 'AGRIFRPP', 'AGRIFRPPXXX'),
          (debits, name, bic) => {
            const path = join(directory, `${files.length}.xml`)
            const xml = writeDebitFile({
              ...file,
              creditor: { ...file.creditor, name, bic },
              debits: debits.map((one, i) => ({ ...debit, ...one, endToEnd: `ABCDEFGHIJ-D00001-${i + 1}` })),
            })
            const cents = debits.reduce((sum, one) => sum + one.amountCents, 0)
            expect(valuesOf(xml, 'CtrlSum')[0]).toBe((cents / 100).toFixed(2))
            writeFileSync(path, xml)
            files.push(path)
          },
        ),
        { numRuns: 60 },
      )
      checkPain(files)
      expect(files.length).toBeGreaterThanOrEqual(60)
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  },
)
