import { unzipSync } from 'fflate'
import { sql } from 'kysely'
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs'
import type { BrowserContext } from 'playwright-core'
import { expect, test } from 'vitest'
import { readEndpointGroups } from '../../scripts/operations.ts'
import { exportBundle } from '../../src/audit/anchors/bundle.ts'
import { auditCommand } from '../../src/commands/audit/audit.ts'
import type { InvoiceFacts } from '../../src/dues/contract.ts'
import { remainingDues } from '../../src/dues/store.ts'
import { inScheme } from '../../src/platform/db.ts'
import { markDecided } from '../../src/settings/alone.ts'
import { ALONE_HEADER, EXPORTS, withSuffix } from '../../src/start/http/exports.ts'
import { withDemo } from '../support/demo.ts'
import { sampleOf } from '../support/random.ts'
import { openAccount } from '../support/server.ts'

// Promise L14: what one person decided alone stands on every export of the scheme. The table of exports names each endpoint that
// sends a file; those that carry the mark are requested with and without such a decision. What is marked: two-persons.test.ts.

const demo = withDemo()
const LINE = 'décidés par une personne seule, sans seconde personne'

/** The endpoints that send a file, by operation. */
const files = new Map(
  (await readEndpointGroups())
    .flatMap(({ endpoints }) => endpoints)
    .filter(({ produces }) => produces !== undefined && produces !== 'text/event-stream')
    .map((endpoint) => [endpoint.id, endpoint]),
)

test('every endpoint that sends a file is in the table of exports', () => {
  expect([...files.keys()].toSorted()).toEqual(Object.keys(EXPORTS).toSorted())
})

test('a suffix goes before the extensions of a file name', () => {
  expect(withSuffix('attachment; filename="a-63.cap.xml"', '-x')).toBe(
    'attachment; filename="a-63-x.cap.xml"',
  )
  expect(withSuffix('inline; filename="recu"', '-x')).toBe('inline; filename="recu-x"')
})

let examples: Record<string, string> | undefined
const contexts = {} as Record<'chamber' | 'chief' | 'merchant' | 'trade', BrowserContext>

/** Signs in, and finds what the exports are about. The demo has no debit file. */
async function prepare(): Promise<void> {
  for (const door of ['chamber', 'chief', 'merchant'] as const) contexts[door] = await demo.visit(door)
  contexts.trade = await visitTradeChamber()
  examples ??= await findExamples()
}

/** Signs in to a trade chamber of all trades. The demo has none. */
async function visitTradeChamber(): Promise<BrowserContext> {
  const mail = 'buralistes@demo.invalid'
  const { trades } = await demo.deps.db
    .selectFrom('schemes')
    .select('trades')
    .where('id', '=', 'ac63')
    .executeTakeFirstOrThrow()
  const { password } = await openAccount(demo.deps, {
    ...{ mail, name: 'Ada Martin', schemeId: 'ac63', role: 'trade_chamber', trades },
  })
  const context = await demo.visit(null)
  await demo.call(context, 'POST', '/api/auth/sign-in/email', { email: mail, password })
  return context
}

async function findExamples(): Promise<Record<string, string>> {
  const { shops } = await demo.call<{ shops: { member: { id: string } }[] }>(
    contexts.merchant,
    'GET',
    '/api/portal/session',
  )
  const member = shops[0]?.member.id ?? ''
  const find = async (statement: ReturnType<typeof sql<{ value: string }>>) =>
    (await statement.execute(demo.deps.db)).rows[0]?.value ?? ''
  return {
    scheme: 'ac63',
    member,
    paper: 'register',
    id: member,
    alert: await find(
      sql`select id::text as value from alerts where scheme_id = 'ac63' and reference is not null limit 1`,
    ),
    receipt: await find(
      sql`select year || '/' || no as value from dues_receipts where scheme_id = 'ac63' limit 1`,
    ),
    own: await find(sql`select year || '/' || no as value from dues_receipts
      where scheme_id = 'ac63' and member_id = ${member}::uuid limit 1`),
    invoice: await find(sql`insert into dues_invoices
      (scheme_id, year, no, member_id, dues_year, facts, issued_at, issued_by)
      values ('ac63', 2026, 1, ${member}::uuid, 2026, ${JSON.stringify(INVOICE)}::jsonb, now(), 'user:a')
      returning year || '/' || no as value`),
    request: await find(sql`insert into data_requests
      (scheme_id, id, kind, member_id, person, via, received_on, due_on, created_at, created_by)
      values ('ac63', gen_random_uuid(), 'access', ${member}::uuid, '', 'mail', '2026-03-01', '2026-04-01', now(), 'user:a')
      returning id::text as value`),
    owing: await find(sql`select r.member_id::text as value from (${remainingDues('ac63')}) r
      join members m on m.scheme_id = 'ac63' and m.id = r.member_id and m.status = 'active'
      where r.remaining_cents > 0 and not exists (select from dues_debits d
        where d.scheme_id = 'ac63' and d.member_id = m.id and d.state = 'pending') limit 1`),
    deposit: await find(sql`insert into dues_deposits
      (scheme_id, id, year, no, deposited_on, iban, holder, cheques, amount_cents, created_at, created_by)
      values ('ac63', gen_random_uuid(), 2025, 1, '2025-03-01', 'FR1420041010050500013M02606', 'CCI', 1, 3000, now(), 'user:a')
      returning id::text as value`),
    file: await find(sql`insert into dues_debit_files (scheme_id, id, no, collect_on, xml, state, created_at, created_by)
      values ('ac63', gen_random_uuid(), 1, '2026-03-20', '<Document/>', 'created', now(), 'user:a')
      on conflict (scheme_id, no) do update set xml = excluded.xml returning id::text as value`),
  }
}

const INVOICE = {
  ...{ number: 'F-AC63-2026-00001', issuedOn: '2026-03-12', year: 2026, label: 'Cotisation 2026' },
  seller: {
    ...{ name: 'CCI', address: '1 place', siret: '00012345500016', vat: 'outside', vatNumber: '' },
    vatReason: 'Hors du champ de la TVA.',
  },
  member: { name: 'Tabac', siret: null, address: null, town: 'Issoire' },
  ...{ amountCents: 4000, paidCents: 0, dueOn: '2026-05-01', reference: 'AC63 X', iban: '', bic: '' },
} satisfies InvoiceFacts

/** The chamber of the scheme gives a member its file from the request that it records. */
const OF_TRADES = ['getMemberFileJson', 'getMemberFilePdf']

/** Returns the address at which each export is requested, and the user who requests it. */
function requestOf(id: string): { url: string; as: keyof typeof contexts } {
  const { path = '' } = files.get(id) ?? {}
  const isOwn = path.startsWith('/api/portal/')
  const values: Record<string, string> = { ...examples }
  if (path.includes('/alerts/')) values.id = examples?.alert ?? ''
  if (path.includes('/data-requests/')) values.id = examples?.request ?? ''
  if (path.endsWith('/call.pdf')) values.id = examples?.owing ?? ''
  const paper = path.includes('/invoices/') ? examples?.invoice : isOwn ? examples?.own : examples?.receipt
  const [year = '', no = ''] = paper?.split('/') ?? []
  Object.assign(values, { year, no })
  const url = path.replaceAll(/:(\w+)/g, (_, name: string) => values[name] ?? '')
  const query = id === 'exportStatistics' ? '?table=months' : id === 'exportAccounting' ? '?year=2026' : ''
  const ofChief = ['exportJournal', 'exportCap', 'exportDeliveries', 'exportAudit']
  const ofOthers = ofChief.includes(id) ? 'chief' : OF_TRADES.includes(id) ? 'trade' : 'chamber'
  return { url: `${url}${query}`, as: isOwn ? 'merchant' : ofOthers }
}

async function download(id: string) {
  const { url, as } = requestOf(id)
  const answer = await contexts[as].request.fetch(url)
  const body = await answer.body()
  expect(answer.status(), `${id} ${url}: ${answer.status() === 200 ? '' : body.toString()}`).toBe(200)
  const headers = answer.headers()
  const name = /filename="([^"]+)"/.exec(headers['content-disposition'] ?? '')?.[1] ?? ''
  return { mark: headers[ALONE_HEADER], name, body, type: headers['content-type'] ?? '' }
}

const readable = (text: string) => text.replaceAll(/\s+/g, ' ')

/** Returns the text of a document that people read. */
async function textOf({ body, type }: { body: Buffer; type: string }): Promise<string> {
  if (type.startsWith('application/pdf')) {
    const loading = getDocument({ data: new Uint8Array(body), verbosity: 0 })
    const document = await loading.promise
    let text = ''
    for (let no = 1; no <= document.numPages; no++) {
      const { items } = await (await document.getPage(no)).getTextContent()
      text += items.map((item) => ('str' in item ? item.str : '')).join(' ')
    }
    await loading.destroy()
    return readable(text)
  }
  if (!type.includes('spreadsheet') && !type.includes('opendocument')) return readable(body.toString())
  const parts = Object.values(unzipSync(new Uint8Array(body))).map((part) => Buffer.from(part).toString())
  return readable(parts.join(' '))
}

/** Decides on a setting as the product stores it. */
async function decide(alone: boolean, subject: 'doctrine' | 'dues', at: string): Promise<void> {
  const items = [subject === 'dues' ? 'dues.rule' : 'doctrine.approval']
  await inScheme(demo.deps.db, 'ac63', (tx) =>
    markDecided(tx, 'ac63', { subject, items, alone, at: new Date(at) }),
  )
}

const marked = Object.entries(EXPORTS).flatMap(([id, mark]) => (typeof mark === 'object' ? [] : [id]))

const { some, all } = sampleOf(marked, 8)
test('what one person decided alone stands on exports, until two persons decide the same', () =>
  standsOn(some))
test('it stands on every export', { tags: 'long' }, () => standsOn(all))

async function standsOn(marked: readonly string[]): Promise<void> {
  await prepare()
  const before = new Map<string, string>()
  for (const id of marked) {
    const plain = await download(id)
    expect(plain.mark, id).toBeUndefined()
    if (EXPORTS[id] === 'line') expect((await textOf(plain)).includes(LINE), id).toBe(false)
    before.set(id, plain.name)
  }
  await decide(true, 'doctrine', '2026-03-10T09:00:00Z')
  await decide(true, 'dues', '2026-03-12T09:00:00Z')
  for (const id of marked) {
    const seen = await download(id)
    expect(seen.mark, id).toBe('2026-03-12; dues, doctrine')
    expect(seen.name, id).toBe((before.get(id) ?? '').replace(/^([^.]+)/, '$1-decide-seul'))
    if (EXPORTS[id] !== 'line') continue
    const text = await textOf(seen)
    expect(text.includes(`${LINE} : cotisations et doctrine (en dernier le 12 mars 2026)`), id).toBe(true)
  }
  // The signed log of the machine says it in its header.
  const lines: string[] = []
  const io = { lang: 'fr', stdout: (text: string) => lines.push(text), stderr() {}, progress() {} } as const
  await auditCommand.run(demo.deps, ['export', '--scheme', 'ac63'], new Map(), io as never)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    decidedAlone: { subjects: ['dues', 'doctrine'], day: '2026-03-12' },
  })
  await decide(false, 'doctrine', '2026-03-13T09:00:00Z')
  expect((await download('exportAudit')).mark).toBe('2026-03-12; dues')
  await decide(false, 'dues', '2026-03-13T09:00:00Z')
  for (const id of ['exportAudit', 'getRegister']) expect((await download(id)).mark, id).toBeUndefined()
  const { value } = await exportBundle(demo.deps, 'ac63').next()
  expect(JSON.parse(String(value))).not.toHaveProperty('decidedAlone')
}
