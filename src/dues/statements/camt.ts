import { XMLParser, XMLValidator } from 'fast-xml-parser'
import type { Problem } from '../../errors.ts'
import { dayFrom, joinTexts, lineProblem, type ReadStatement, type StatementLine } from './entry.ts'

type Node = Readonly<Record<string, unknown>>

/** Entities are not replaced by the parser: a file that declares some is refused, and the others are read by `textOf`. */
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
})

/** Ids that banks write when they have none. */
const NO_ID = /^(non ?ref|not ?provided|notprovided|none|0*)$/i

/**
 * Reads a statement in CAMT.053 (ISO 20022, `BkToCstmrStmt`), any version of its namespace. A batch of which the file has the
 * details gives one line a transaction. Only booked entries are read.
 */
export function readCamt(text: string): ReadStatement {
  const refuse = (problem: Problem): ReadStatement => ({
    ...{ format: 'camt053', lines: [], debits: 0, accounts: [] },
    problems: [problem],
  })
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) return refuse({ code: 'statement.doctype' })
  const valid = XMLValidator.validate(text)
  if (valid !== true) return refuse(lineProblem('statement.xml', valid.err.line))
  const other = /camt\.05[24]\.001\.\d\d/.exec(text)?.[0]
  const root = nodeOf(parser.parse(text) as Node, 'Document')
  const statements = listOf(nodeOf(root, 'BkToCstmrStmt')?.Stmt)
  if (statements.length === 0 || !/camt\.053\.001\.\d\d/.test(text))
    return refuse({ code: 'statement.not_camt053', values: { kind: other ?? 'none' } })
  const problems: Problem[] = []
  const lines: StatementLine[] = []
  let debits = 0
  let line = 0
  for (const entry of statements.flatMap((one) => listOf(one.Ntry))) {
    line += 1
    if (!isBooked(entry)) continue
    const read = readEntry(entry, line, problems)
    if (read.length === 0) debits += 1
    lines.push(...read)
  }
  const accounts = statements
    .map((one) => textOf(nodeOf(nodeOf(one, 'Acct'), 'Id')?.IBAN))
    .filter((one) => one !== '')
  return { format: 'camt053', lines, debits, accounts, problems }
}

/** Returns the lines of an entry; none for a debit that is no return. */
function readEntry(entry: Node, line: number, problems: Problem[]): StatementLine[] {
  const { parts, each, returned } = partsOf(entry)
  if (parts.length === 0) return []
  const bookedOn = dayOf(entry.BookgDt) ?? dayOf(entry.ValDt)
  if (bookedOn === undefined) problems.push(lineProblem('statement.day', line))
  const lines: StatementLine[] = []
  for (const some of each ? parts.map((part) => [part]) : [parts]) {
    const amountCents = readLineAmount(each ? amountIn(some[0]!) : entry.Amt, line, problems)
    if (amountCents === undefined || amountCents === 0 || bookedOn === undefined) continue
    lines.push({
      ...{ line, bookedOn, amountCents },
      returned: some.some((part) => returned(part)) ? (isCredit(entry) ? 'credit' : 'debit') : null,
      name: joinTexts(some.map(payerOf)),
      text: joinTexts(some.map((part) => remittanceOf(entry, part))),
      ...(some.length > 1 && { isBatch: true }),
      bankId: idOf(entry, some, each),
    })
  }
  return lines
}

/** Returns the cents of an amount; undefined when it is none. Another currency than the euro is a problem, whatever the amount. */
function readLineAmount(amount: unknown, line: number, problems: Problem[]): number | undefined {
  const cents = centsOf(amount)
  const currency = textOf((amount as Node | undefined)?.['@Ccy'])
  if (currency !== '' && currency !== 'EUR') problems.push(lineProblem('statement.currency', line, currency))
  else if (cents === undefined) problems.push(lineProblem('statement.amount', line, textOf(amount)))
  return cents
}

const isCredit = (entry: Node): boolean => textOf(entry.CdtDbtInd) === 'CRDT'

/**
 * Finds the transactions of an entry that are of its own direction (the commission on a batch of credits is a debit), of a debit
 * only the returned ones; none for any other debit.
 * @returns `each`: each of them is a line, with its own amount; otherwise they are one line with the amount of the entry
 */
function partsOf(entry: Node): {
  readonly parts: readonly Node[]
  readonly each: boolean
  readonly returned: (part: Node) => boolean
} {
  const details = listOf(entry.NtryDtls).flatMap((one) => listOf(one.TxDtls))
  const direction = textOf(entry.CdtDbtInd)
  const own = details.filter((one) => [direction, ''].includes(textOf(one.CdtDbtInd)))
  const isReversal = textOf(entry.RvslInd) === 'true'
  // A debit that reverses an earlier credit, or that the bank gives a reason for, is a bounced transfer.
  const returned = (part: Node) => isReversal || part.RtrInf !== undefined
  const all = [own, details, [{}]].find((some) => some.length > 0)!
  const each = details.length > 1 && own.length > 0 && own.every((one) => amountIn(one) !== undefined)
  if (isCredit(entry)) return { parts: all, each, returned }
  return { parts: each || !all.some(returned) ? all.filter(returned) : all, each, returned }
}

/** Returns the bank's own id of a line; null if it gives none, or one of the whole batch only. */
function idOf(entry: Node, parts: readonly Node[], each: boolean): string | null {
  const known = (node: unknown) => {
    const id = textOf(node)
    return NO_ID.test(id) ? null : id
  }
  const own = parts.length === 1 ? known(nodeOf(parts[0], 'Refs')?.AcctSvcrRef) : null
  return each ? own : (own ?? known(entry.AcctSvcrRef))
}

function remittanceOf(entry: Node, part: Node): string {
  const remittance = nodeOf(part, 'RmtInf')
  const endToEnd = textOf(nodeOf(part, 'Refs')?.EndToEndId)
  return joinTexts([
    ...listOf(remittance?.Ustrd).map(textOf),
    ...listOf(remittance?.Strd).map((one) => textOf(nodeOf(nodeOf(one, 'CdtrRefInf'), 'Ref'))),
    ...listOf(remittance?.Strd).flatMap((one) => listOf(one.AddtlRmtInf).map(textOf)),
    NO_ID.test(endToEnd) ? '' : endToEnd,
    textOf(part.AddtlTxInf),
    textOf(entry.AddtlNtryInf),
  ])
}

/** The debtor of the transaction: since version 8 its name is one level deeper. */
function payerOf(part: Node): string {
  const parties = nodeOf(part, 'RltdPties')
  const names = [parties?.UltmtDbtr, parties?.Dbtr].flatMap(listOf).map((party) => {
    const name = textOf(party.Nm)
    return name === '' ? textOf(nodeOf(party, 'Pty')?.Nm) : name
  })
  return joinTexts(names)
}

/** Tells whether an entry is booked. Its state is a text until version 4 of the format, then a code within. */
function isBooked(entry: Node): boolean {
  const state = listOf(entry.Sts)[0]
  const code = state === undefined ? textOf(entry.Sts) : textOf(state.Cd)
  return code === '' ? textOf(entry.Sts) !== 'PDNG' && textOf(entry.Sts) !== 'INFO' : code === 'BOOK'
}

const amountIn = (part: Node): unknown =>
  part.Amt ??
  nodeOf(nodeOf(part, 'AmtDtls'), 'TxAmt')?.Amt ??
  nodeOf(nodeOf(part, 'AmtDtls'), 'InstdAmt')?.Amt

function centsOf(amount: unknown): number | undefined {
  const match = /^(\d{1,9})(?:\.(\d{1,5}))?$/.exec(textOf(amount))
  if (match === null) return undefined
  const [, euros = '', rest = ''] = match
  return /^\d{0,2}0*$/.test(rest) ? Number(euros) * 100 + Number(rest.slice(0, 2).padEnd(2, '0')) : undefined
}

function dayOf(node: unknown): string | undefined {
  const one = listOf(node)[0]
  const match = /^(\d{4})-(\d\d)-(\d\d)/.exec(textOf(one?.Dt) || textOf(one?.DtTm))
  return match === null ? undefined : dayFrom(Number(match[1]), Number(match[2]), Number(match[3]))
}

function nodeOf(node: unknown, name: string): Node | undefined {
  return listOf((node as Node | undefined)?.[name])[0]
}

/** Returns an element that may occur several times as a list; texts become elements with that text. */
function listOf(node: unknown): Node[] {
  const all: unknown[] = Array.isArray(node) ? node : node === undefined || node === null ? [] : [node]
  return all.flatMap((one) =>
    typeof one === 'object' && one !== null ? [one as Node] : one === '' ? [] : [{ '#text': String(one) }],
  )
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** Returns the text of an element, with the references that XML itself has. */
function textOf(node: unknown): string {
  const raw = typeof node === 'object' && node !== null ? (node as Node)['#text'] : node
  return typeof raw !== 'string'
    ? ''
    : raw
        .replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w+));/gi, (whole, decimal, hex, name) => {
          const code = decimal !== undefined ? Number(decimal) : Number.parseInt(String(hex), 16)
          if (name !== undefined) return NAMED[String(name)] ?? whole
          return code > 31 && code <= 0x10ffff ? String.fromCodePoint(code) : ' '
        })
        .trim()
}
