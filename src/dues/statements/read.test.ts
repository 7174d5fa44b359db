import { describe, expect, test } from 'vitest'
import { bankCsvOf, camtOf, cfonbOf, type Movement } from '../../../test/support/statements.ts'
import { AppError } from '../../errors.ts'
import { centsOf } from './bank-csv.ts'
import { digestsOf, readStatement } from './read.ts'

const movements: readonly Movement[] = [
  {
    on: '2026-03-10',
    cents: 1000,
    name: 'Café de l’Étoile & Fils',
    text: 'COTISATION AC63 9F3A2B1C',
    id: 'B1',
  },
  { on: '2026-03-11', cents: -123_456, name: 'EDF', text: 'facture', id: 'B2' },
  { on: '2026-03-11', cents: 150_005, name: 'Dupont', text: 'loyer', id: 'B3' },
  { on: '2026-03-12', cents: 1500, name: 'Tabac', text: 'retour', id: 'B4', returned: true },
]
const files = {
  'CAMT.053 version 2': camtOf(movements, '02'),
  'CAMT.053 version 8, with prefixes': camtOf(movements, '08'),
  'CFONB 120': cfonbOf(movements),
  'Crédit Agricole': bankCsvOf('ca', movements),
  'Crédit Mutuel': bankCsvOf('cm', movements),
  'BNP Paribas': bankCsvOf('bnp', movements),
  'Caisse d’Épargne': bankCsvOf('ce', movements),
}

function problemsOf(text: string | Buffer): (string | undefined)[][] {
  try {
    readStatement(Buffer.from(text), 'f')
  } catch (error) {
    if (error instanceof AppError)
      return error.problems.map(({ code, path }) => (path ? [code, path] : [code]))
  }
  return []
}

describe('bank statements', () => {
  test.each(Object.entries(files))('reads the credits of %s', (bank, bytes) => {
    const { lines, debits } = readStatement(bytes, 'relevé')
    expect(debits).toBe(1)
    // The text of a CSV alone does not make a credit a returned one.
    const returned = /^(CAMT|CFONB)/.test(bank) ? 'credit' : null
    expect(lines.map((line) => [line.bookedOn, line.amountCents, line.returned])).toEqual([
      ['2026-03-10', 1000, null],
      ['2026-03-11', 150_005, null],
      ['2026-03-12', 1500, returned],
    ])
    const [first] = lines
    expect(`${first?.name} ${first?.text}`).toMatch(/Café de l.Étoile & Fils.*AC63 9F3A2B1C/)
  })

  test('gives each movement the same digest in every file of its bank, and two equal ones two', () => {
    const twice = [movements[0]!, { ...movements[0]!, id: 'B9' }, { ...movements[0]!, id: 'B10' }]
    for (const write of [camtOf, cfonbOf, (of: readonly Movement[]) => bankCsvOf('cm', of)]) {
      const all = digestsOf(readStatement(write(twice), 'f').lines)
      expect(new Set(all).size).toBe(3)
      const overlap = digestsOf(readStatement(write([...twice.slice(0, 2), movements[2]!]), 'f').lines)
      expect(overlap.slice(0, 2)).toEqual(all.slice(0, 2))
    }
  })

  const part = (euros: string | null, name: string, more = '') =>
    `<TxDtls><Refs><EndToEndId>E1</EndToEndId></Refs>${euros === null ? '' : `<Amt Ccy="EUR">${euros}</Amt>`}${more}<RltdPties><Dbtr><Nm>${name}</Nm></Dbtr></RltdPties><RmtInf><Ustrd>pour ${name}</Ustrd></RmtInf></TxDtls>`
  const readBatch = (cents: number, ...parts: readonly string[]) => {
    const one = camtOf([{ on: '2026-03-10', cents, text: 'x', id: 'B' }], '02')
    const batch = one.toString().replace(/<TxDtls>.*<\/TxDtls>/s, parts.join(''))
    return readStatement(Buffer.from(batch), 'f')
  }

  test('reads each transaction of a batch', () => {
    const { lines } = readBatch(3000, part('10.00', 'Un'), part('20.00', 'Deux &#233;'))
    expect(lines.map(({ name, amountCents }) => [name, amountCents])).toEqual([
      ['Un', 1000],
      ['Deux é', 2000],
    ])
    expect(new Set(digestsOf(lines)).size).toBe(2)
  })

  test('leaves out the commission on a batch, which is a debit', () => {
    const commission = part('0.50', 'Commission', '<CdtDbtInd>DBIT</CdtDbtInd>')
    const { lines } = readBatch(
      ...([2950, part('10.00', 'Un', '<CdtDbtInd>CRDT</CdtDbtInd>'), part('20.00', 'Deux')] as const),
      commission,
    )
    expect(lines.map(({ name, amountCents }) => [name, amountCents])).toEqual([
      ['Un', 1000],
      ['Deux', 2000],
    ])
    expect(readBatch(950, part('10.00', 'Un'), commission).lines).toMatchObject([
      { name: 'Un', amountCents: 1000 },
    ])
  })

  test('keeps every name and text of a batch that lacks an amount, as one line', () => {
    expect(readBatch(3000, part('10.00', 'Un'), part(null, 'Deux')).lines).toMatchObject([
      {
        amountCents: 3000,
        name: 'Un Deux',
        text: expect.stringMatching(/pour Un.*pour Deux/),
        isBatch: true,
      },
    ])
  })

  test('a debit with the reason of a return is a returned transfer, alone and within a batch', () => {
    const reason = '<RtrInf><Rsn><Cd>AM04</Cd></Rsn></RtrInf>'
    expect(readBatch(-1000, part(null, 'Un', reason)).lines).toMatchObject([
      { amountCents: 1000, name: 'Un', returned: 'debit' },
    ])
    const batch = readBatch(-3000, part('10.00', 'Un', reason), part('20.00', 'EDF'))
    expect(batch.lines).toMatchObject([{ amountCents: 1000, name: 'Un', returned: 'debit' }])
    expect(() => readBatch(-1000, part(null, 'EDF'))).toThrow(AppError)
  })

  test('keeps a payer called Total, and leaves out totals and balances', () => {
    const csv = [
      'Date;Libellé;Montant',
      '10/03/2026;TOTAL ENERGIES ISSOIRE COTISATION;10,00',
      '10/03/2026;SOLDE COTISATION;11,00',
      '10/03/2026;Solde créditeur au 10/03/2026;1 234,00',
      'Solde au 12/03/2026;;1 234,00',
      ';TOTAL DES OPERATIONS;21,00',
    ].join('\n')
    const { lines } = readStatement(Buffer.from(csv), 'f')
    expect(lines.map(({ amountCents }) => amountCents)).toEqual([1000, 1100])
  })

  test('reads CFONB 120 in the French 7-bit set, with é and è in the places of { and }', () => {
    const of = (cents: number) => ({ on: '2026-03-10', cents, text: 'COTISATION' })
    const file = cfonbOf([of(1000), of(-50)])
      .toString('latin1')
      .replaceAll('{', 'é')
      .replaceAll('}', 'è')
    expect(file).toMatch(/é.*è/s)
    for (const bytes of [Buffer.from(file), Buffer.from(file, 'latin1')])
      expect(readStatement(bytes, 'f')).toMatchObject({ debits: 1, lines: [{ amountCents: 1000 }] })
  })

  test('leaves out entries that are not booked yet', () => {
    const pending = camtOf(movements, '08').toString().replace('<n:Cd>BOOK</n:Cd>', '<n:Cd>PDNG</n:Cd>')
    expect(readStatement(Buffer.from(pending), 'f').lines).toHaveLength(2)
  })

  test('reports every problem of a file at once, with its line', () => {
    const csv =
      'Date;Libellé;Montant;Devise\n31/02/2026;a;10,00;EUR\n10/03/2026;b;dix;EUR\n10/03/2026;c;5,00;CHF\nTotal;;15,00;'
    expect(problemsOf(csv)).toEqual([
      ['statement.day', 'line:2'],
      ['statement.amount', 'line:3'],
      ['statement.currency', 'line:4'],
    ])
    const cfonb = cfonbOf(movements).toString('latin1').split('\r\n')
    // One movement with its details is missing.
    expect(problemsOf([...cfonb.slice(0, 4), ...cfonb.slice(7)].join('\r\n'))).toEqual([
      ['statement.balance', 'line:11'],
    ])
    expect(problemsOf(cfonb.slice(0, 5).join('\r\n'))).toEqual([['statement.unfinished', 'line:1']])
    expect(problemsOf([cfonb[0], '99 inconnu', ...cfonb.slice(1)].join('\r\n'))).toEqual([
      ['statement.record', 'line:2'],
    ])
  })

  const lcl = [
    '10/03/2026;-12,50;Carte;;CB EDF 09/03/26;0;Divers',
    '11/03/2026;1 000,00;Virement;;VIR RECU TABAC AC63 9F3A2B1C;0;Divers',
    '12/03/2026;987,50;;;;;',
  ]
  const bourso = [
    'dateOp;dateVal;label;category;categoryParent;supplierFound;amount;comment;accountNum;accountLabel;accountbalance',
    '2026-03-10;2026-03-10;"PRLV EDF";"Énergie";"Logement";"edf";-12,50;;12345678901;"BoursoBank";987.50',
    '2026-03-11;2026-03-11;"VIR RECU TABAC AC63 9F3A2B1C";"Virements";"Virements";"tabac";"1 000,00";;12345678901;"BoursoBank";987.50',
  ]
  const debitAndCredit = [
    'Relevé du 12/03/2026',
    '10/03/2026;PRLV EDF;12,50;;987,50',
    '11/03/2026;VIR RECU TABAC AC63 9F3A2B1C;;1000,00;1987,50',
  ]
  const withBalance = [
    '10/03/2026,VIR RECU TABAC AC63 9F3A2B1C,1000.00,-20.00',
    '09/03/2026,PRLV EDF,-12.50,-1020.00',
    '08/03/2026,PRLV EAU,-2.50,-1007.50',
  ]
  test.each([
    ['LCL, without a header', lcl, []],
    ['BoursoBank', bourso, ['12345678901']],
    ['a debit and a credit, without a header', debitAndCredit, []],
    ['an amount and a balance, without a header', withBalance, []],
  ])('reads the CSV of %s', (_, rows, accounts) => {
    const { lines, debits, accounts: named } = readStatement(Buffer.from(rows.join('\n')), 'f')
    expect(lines.map(({ amountCents }) => amountCents)).toEqual([100_000])
    expect(lines[0]?.text).toContain('VIR RECU TABAC AC63 9F3A2B1C')
    expect([debits > 0, named]).toEqual([true, accounts])
  })

  test('says which columns of a CSV are missing, and reads no sum without a sign', () => {
    const missing = (header: string) => {
      try {
        readStatement(Buffer.from(`${header}\n`), 'f')
      } catch (error) {
        return error instanceof AppError ? error.problems : []
      }
      return []
    }
    expect(missing('Date;Quoi;Valeur')).toEqual([
      {
        ...{ code: 'statement.columns_missing', path: 'line:1' },
        values: { line: 1, day: 'yes', money: 'no', text: 'no', titles: 'Date, Quoi, Valeur' },
      },
    ])
    expect(problemsOf('10/03/2026;EDF;12,00;\n11/03/2026;EAU;13,00;')).toEqual([['statement.columns']])
  })

  test.each([
    ['%PDF-1.7 …', 'statement.not_text'],
    ['bonjour', 'statement.columns'],
    ['Date;Libellé;Débit;Crédit\n10/03/2026;EDF;12,00;', 'statement.no_credit'],
    ['<a><b></a>', 'statement.xml'],
    [
      '<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><x/></Document>',
      'statement.not_camt053',
    ],
    ['<!DOCTYPE a [<!ENTITY x "&y;&y;"><!ENTITY y "zzzz">]><Document>&x;</Document>', 'statement.doctype'],
  ])('refuses %s', (text, code) => {
    expect(problemsOf(text).map(([one]) => one)).toEqual([code])
  })

  test.each([
    ['1 234,56', 123_456],
    ['1\u202f234,56 €', 123_456],
    ['+1.234,5', 123_450],
    ['-10.05', -1005],
    ['1,234.56', 123_456],
    ['12', 1200],
    ['12,345', undefined],
    ['=1+1', undefined],
    ['', undefined],
  ])('reads the amount %s', (text, cents) => {
    expect(centsOf(text)).toBe(cents)
  })
})
