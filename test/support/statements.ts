import iconv from 'iconv-lite'

/** A movement of a bank account, as a test writes it into a statement. */
export interface Movement {
  /** 2026-03-12 */
  readonly on: string
  /** Negative for a debit. */
  readonly cents: number
  readonly name?: string
  readonly text: string
  readonly id?: string
  /** A transfer that bounced. */
  readonly returned?: boolean
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
const decimal = (cents: number, mark: string) => (Math.abs(cents) / 100).toFixed(2).replace('.', mark)

/** Writes CAMT.053 in a version of its namespace: from 8 on, states and parties are one level deeper. */
export function camtOf(movements: readonly Movement[], version: '02' | '08' = '08'): Buffer {
  const isNew = version === '08'
  const prefix = isNew ? 'n:' : ''
  const tag = (name: string, content: string) => `<${prefix}${name}>${content}</${prefix}${name}>`
  const entry = ({ on, cents, name = '', text, id, returned }: Movement) => {
    const party = tag('Nm', escaped(name))
    const details = tag(
      'TxDtls',
      tag('Refs', tag('EndToEndId', 'NOTPROVIDED')) +
        (name === '' ? '' : tag('RltdPties', tag('Dbtr', isNew ? tag('Pty', party) : party))) +
        tag('RmtInf', tag('Ustrd', escaped(text))) +
        (returned ? tag('RtrInf', tag('Rsn', tag('Cd', 'AC04'))) : ''),
    )
    return tag(
      'Ntry',
      `<${prefix}Amt Ccy="EUR">${decimal(cents, '.')}</${prefix}Amt>` +
        tag('CdtDbtInd', cents < 0 ? 'DBIT' : 'CRDT') +
        tag('Sts', isNew ? tag('Cd', 'BOOK') : 'BOOK') +
        tag('BookgDt', tag('Dt', on)) +
        (id === undefined ? '' : tag('AcctSvcrRef', id)) +
        tag('NtryDtls', details),
    )
  }
  const space = `urn:iso:std:iso:20022:tech:xsd:camt.053.001.${version}`
  const open = isNew ? `<n:Document xmlns:n="${space}">` : `<Document xmlns="${space}">`
  return Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>\n${open}${tag('BkToCstmrStmt', tag('Stmt', movements.map(entry).join('\n')))}</${prefix}Document>`,
  )
}

/** The amount in 14 characters, with its sign in the last one. */
function overpunched(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(14, '0')
  const signs = cents < 0 ? '}JKLMNOPQR' : '{ABCDEFGHI'
  return digits.slice(0, -1) + signs[Number(digits.slice(-1))]
}

const shortDay = (day: string) => day.slice(8) + day.slice(5, 7) + day.slice(2, 4)

/** Writes CFONB 120: opening balance, movements with their details, closing balance. */
export function cfonbOf(movements: readonly Movement[]): Buffer {
  const account = '30006    00001EUR2 12345678901'
  const balance = (type: string, day: string, cents: number) =>
    `${type}${account}  ${shortDay(day)}${' '.repeat(50)}${overpunched(cents)}${' '.repeat(16)}`
  let sum = 100_000
  const days = movements.map(({ on }) => on).sort()
  const lines = [balance('01', days[0]!, sum)]
  for (const { on, cents, name = '', text, id = '', returned } of movements) {
    sum += cents
    const reject = returned ? '04' : '  '
    const label = text.slice(0, 31).padEnd(31)
    lines.push(
      `04${account}05${shortDay(on)}${reject}${shortDay(on)}${label}  ${id.padStart(7, '0').slice(-7)}  ${overpunched(cents)}${' '.repeat(16)}`,
    )
    const detail = (key: string, content: string) =>
      lines.push(`05${account}05${shortDay(on)}     ${key}${content.slice(0, 70).padEnd(70)}  `)
    if (name !== '') detail('NPY', name)
    detail('LCC', text)
  }
  lines.push(balance('07', days.at(-1)!, sum))
  return iconv.encode(`${lines.join('\r\n')}\r\n`, 'win1252')
}

const frenchDay = (day: string) => `${day.slice(8)}/${day.slice(5, 7)}/${day.slice(0, 4)}`

/** Writes the CSV of a bank: `ca` Crédit Agricole, `cm` Crédit Mutuel and CIC, `bnp` BNP Paribas, `ce` Caisse d'Épargne. */
export function bankCsvOf(bank: 'bnp' | 'ca' | 'ce' | 'cm', movements: readonly Movement[]): Buffer {
  const rows = movements.map(({ on, cents, name = '', text, returned }) => ({
    day: frenchDay(on),
    debit: cents < 0 ? decimal(cents, ',') : '',
    credit: cents > 0 ? decimal(cents, ',') : '',
    signed: `${cents < 0 ? '-' : ''}${decimal(cents, ',')}`,
    label: [returned ? 'REJET VIR SEPA' : cents < 0 ? 'PRLV SEPA' : 'VIR SEPA RECU', name, text]
      .join(' ')
      .trim(),
  }))
  switch (bank) {
    case 'ca':
      return iconv.encode(
        [
          'Téléchargement du 12/03/2026;',
          ';',
          'CCI DE TEST;',
          'Compte courant n° 12345678901 ;',
          'Solde au 12/03/2026 1 234,56 €;',
          ';',
          'Liste des opérations du compte entre le 01/03/2026 et le 12/03/2026;',
          'Date;Libellé;Débit euros;Crédit euros;',
          // The label is on two lines within its cell.
          ...rows.map(
            ({ day, label, debit, credit }) =>
              `${day};"VIREMENT EN VOTRE FAVEUR\n${label}";${debit};${credit};`,
          ),
        ].join('\r\n'),
        'win1252',
      )
    case 'cm':
      return Buffer.from(
        `\uFEFF${[
          'Date;Date de valeur;Débit;Crédit;Libellé;Solde',
          ...rows.map(
            ({ day, label, debit, credit }) =>
              `${day};${day};${debit === '' ? '' : `-${debit}`};${credit};${label};0,00`,
          ),
        ].join('\r\n')}`,
      )
    case 'bnp':
      return Buffer.from(
        [
          'Date operation;Libelle court;Type operation;Libelle operation;Montant operation en euro',
          ...rows.map(({ day, label, signed }) => `${day};VIREMENT RECU;Virement recu;${label};${signed}`),
        ].join('\n'),
      )
    case 'ce':
      return iconv.encode(
        [
          'Date de comptabilisation;Libelle simplifie;Libelle operation;Reference;Informations complementaires;Type operation;Categorie;Sous categorie;Debit;Credit;Date operation;Date de valeur;Pointage operation',
          ...rows.map(
            ({ day, label, debit, credit }) =>
              `${day};VIREMENT RECU;${label.slice(0, 32)};0;${label};Virement;Divers;Divers;${debit === '' ? '' : `-${debit}`};${credit === '' ? '' : `+${credit}`};${day};${day};0`,
          ),
        ].join('\r\n'),
        'win1252',
      )
  }
}
