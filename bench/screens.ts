import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'kysely'
import { NO_SCHEME } from '../src/audit/chain.ts'
import { demoBusinesses } from '../src/demo/companies.ts'
import { doorRoutes } from '../src/demo/doors.ts'
import { seedDemo } from '../src/demo/seed.ts'
import type { Deps } from '../src/deps.ts'
import { recordPayments } from '../src/dues/bulk/actions.ts'
import { createDeposit, listDeposits } from '../src/dues/bulk/deposits.ts'
import { createDebitFile } from '../src/dues/collect/debits.ts'
import { recordPayment } from '../src/dues/ledger/payments.ts'
import { issueInvoice } from '../src/dues/papers/invoices.ts'
import { nextTargetDay, paymentReference } from '../src/dues/rules.ts'
import { addStatement } from '../src/dues/statements/actions.ts'
import { offlineRegistry } from '../src/enrolment/registry.ts'
import { insertUser, upsertGrant } from '../src/identity/store.ts'
import { openUpload } from '../src/imports/uploads/open.ts'
import type { Actor } from '../src/permissions.ts'
import { migrate } from '../src/platform/database/migrate.ts'
import { acrossSchemes, openDatabase } from '../src/platform/db.ts'
import type { App } from '../src/platform/http/http.ts'
import { openContactSession } from '../src/portal/session/session.ts'
import { enterDataRequest } from '../src/privacy/requests/actions.ts'
import { ensureReference } from '../src/territory/reference/reference.ts'
import { testDeps } from '../test/support/deps.ts'
import { cookiesOf, testServer } from '../test/support/server.ts'
import { type DatabaseKind, freshDatabase } from '../test/support/world.ts'
import {
  AGED,
  AGED_QUICK,
  AGED_SCHEME,
  type AgedSizes,
  ALERTED,
  agedId,
  ageInstallation,
  NUMBER_TOKEN,
  phoneOfMember,
} from './aged-installation.ts'
import type { BenchContext } from './context.ts'
import { type BenchResults, median, percentile, result, round } from './result.ts'
import {
  DOWNLOADS,
  EXCEPTED,
  type Examples,
  isScreenRoute,
  KEPT,
  requestsOf,
  uncovered,
} from './screen-requests.ts'

/** Rounds over all endpoints per run of the bench; with fewer than 20 rounds, p95 is the slowest. */
const ROUNDS_A_RUN = 4
/** The first rounds warm up the program and the database. */
const WARM = 2
const DOORS = ['operator', 'chief', 'magistrate', 'chamber'] as const
const TARGETS_MS = { pglite: 150, postgres: 100 } as const
const LIST_KB = 60
/** Number of endpoints listed with their figures. */
const NAMED = 12

interface Asked {
  readonly url: string
  readonly address: string
  readonly ms: number
  /** Processor time of this process, which includes the embedded database but not other processes. */
  readonly cpuMs: number
  /** As sent, compressed. */
  readonly bytes: number
}

/**
 * Measures F12: every GET of the console and the portal, on a scheme of 20,000 members after a year of alerts. The
 * value is the slowest endpoint's p95; the endpoints are read from the routes of the server, so that new ones are
 * included.
 */
export async function benchScreens(context: BenchContext, kind: DatabaseKind): Promise<BenchResults> {
  const server = kind === 'postgres' ? await context.postgres() : undefined
  const fresh = await freshDatabase(kind, server)
  const database = await openDatabase(fresh.settings)
  const name = kind === 'embedded' ? 'pglite' : kind
  const sizes = context.large < 100_000 ? AGED_QUICK : AGED
  try {
    await migrate(database.db, () => new Date())
    const deps = testDeps(database, { companies: offlineRegistry(demoBusinesses) })
    await ensureReference(deps)
    await seedDemo(deps, () => {})
    await ageInstallation(deps, sizes)
    context.print(
      `F12 ${name}: an installation of ${sizes.members} members and ${sizes.deliveries} deliveries`,
    )
    const urls = new Set<string>()
    const app = await testServer(deps, {
      onRoute: (route) => void (isScreenRoute(route) && urls.add(route.url)),
      moreRoutes: (scope, identity) => doorRoutes(scope, deps, identity),
    })
    try {
      const { missing } = uncovered(urls)
      if (missing.length > 0) throw new Error(`GET without an example: ${missing.join(', ')}`)
      return report(await askAll(app, deps, { urls, sizes, rounds: context.runs * ROUNDS_A_RUN }))
    } finally {
      await app.close()
    }
  } finally {
    await database.close()
    await fresh.remove()
  }

  function report(asked: readonly Asked[]): BenchResults {
    const timed = [...Map.groupBy(asked, ({ address }) => address)].map(([address, all]) => ({
      address,
      url: all[0]?.url ?? '',
      p95: percentile(
        all.map(({ ms }) => ms),
        0.95,
      ),
      cpuMs: median(all.map(({ cpuMs }) => cpuMs)),
      kilobytes: Math.max(...all.map(({ bytes }) => bytes)) / 1024,
    }))
    for (const one of timed.toSorted((a, b) => b.p95 - a.p95).slice(0, NAMED)) {
      context.print(
        `F12 ${name}: p95 ${round(one.p95)} ms (${round(one.cpuMs)} of the processor here), ${round(one.kilobytes)} KB ${one.address}`,
      )
    }
    const screens = timed.filter(({ url }) => !DOWNLOADS.has(url))
    const lists = screens.filter(({ url }) => !KEPT.has(url))
    const largest = lists.reduce((a, b) => (b.kilobytes > a.kilobytes ? b : a))
    context.print(
      `F12 ${name}: ${timed.length} addresses; largest ${round(largest.kilobytes)} KB ${largest.address}`,
    )
    return {
      [`F12.${name}`]: result(
        Math.max(...screens.map(({ p95 }) => p95)),
        `ms, the slowest of ${screens.length} addresses`,
        TARGETS_MS[name],
        'atMost',
        screens.map(({ p95 }) => ({ p95: round(p95) })),
      ),
      [`F12.${name}.size`]: result(largest.kilobytes, 'KB, the largest list', LIST_KB, 'atMost', []),
    }
  }
}

async function askAll(
  app: App,
  deps: Deps,
  what: { readonly urls: ReadonlySet<string>; readonly sizes: AgedSizes; readonly rounds: number },
): Promise<Asked[]> {
  const { urls, sizes, rounds } = what
  const sessions: Awaited<ReturnType<typeof openSessions>>[] = []
  for (const door of DOORS) sessions.push(await openSessions(app, deps, door, shopNo(sizes)))
  const examples = await findExamples(deps, sizes)
  const addresses = [...urls].flatMap((url) =>
    url in EXCEPTED ? [] : requestsOf(url, examples).map((address) => ({ url, address })),
  )
  const asked: Asked[] = []
  const refused = new Set<string>()
  for (let round = -WARM; round < rounds; round++) {
    // Another account and address each round, to avoid the rate limits.
    const session = sessions[(round + WARM) % sessions.length]
    await sql`update member_imports set owner = ${`user:${session?.userId}`}`.execute(deps.db)
    for (const { url, address } of addresses) {
      const cookie = url.startsWith('/api/portal') ? session?.portal : session?.console
      const start = performance.now()
      const cpu = process.cpuUsage()
      const answer = await app.inject({
        url: address,
        remoteAddress: `192.0.2.${round + WARM}`,
        headers: { cookie: cookie ?? '', 'accept-encoding': 'gzip, br' },
      })
      const ms = performance.now() - start
      const { user, system } = process.cpuUsage(cpu)
      if (answer.statusCode !== 200 && answer.statusCode !== 204)
        refused.add(`GET ${address} answers ${answer.statusCode}: ${answer.body}`)
      if (round >= 0)
        asked.push({ url, address, ms, cpuMs: (user + system) / 1000, bytes: answer.rawPayload.length })
    }
    if (refused.size > 0) throw new Error([...refused].join('\n'))
    // The remains of a round (recorded accesses, memory) are processed between rounds.
    globalThis.gc?.()
    await delay(10)
  }
  return asked
}

const bench: Actor = { kind: 'system', name: 'bench' }
/** The member of the portal's session, who has not paid yet. */
const shopNo = ({ members }: AgedSizes) => members - 1
/** The last alert: it is open, with a follow-up waiting for approval. */
const openNo = ({ reports }: AgedSizes) => Math.floor(reports * ALERTED)

/** Signs in a user with every role of the console, and a contact of the shop. */
async function openSessions(app: App, deps: Deps, as: (typeof DOORS)[number], shop: number) {
  const door = await app.inject({ method: 'POST', url: '/api/demo/sessions', payload: { as } })
  const user = await deps.db
    .selectFrom('user')
    .select('id')
    .where('email', 'like', `${as}@%`)
    .executeTakeFirstOrThrow()
  const agency = await deps.db
    .selectFrom('agencies')
    .select('id')
    .where('schemeId', '=', AGED_SCHEME)
    .where('code', '=', 'corg-63')
    .executeTakeFirstOrThrow()
  for (const role of DOORS) {
    await acrossSchemes(deps.db, (tx) =>
      upsertGrant(tx, { userId: user.id, schemeId: AGED_SCHEME, role, agencyId: agency.id }),
    )
  }
  await acrossSchemes(deps.db, (tx) =>
    upsertGrant(tx, { userId: user.id, schemeId: NO_SCHEME, role: 'admin', agencyId: null }),
  )
  const token = await openContactSession(deps, { phone: phoneOfMember(shop) })
  return { userId: user.id, console: cookiesOf(door), portal: `tocsin.portal=${token}` }
}

/** Creates missing data with the actions of the program, and finds the ids of the rest. */
async function findExamples(deps: Deps, sizes: AgedSizes): Promise<Examples> {
  const day = (days: number) => new Date(deps.now().getTime() + days * 86_400_000).toISOString().slice(0, 10)
  const shop = agedId('member', shopNo(sizes))
  await recordPayment(deps, bench, AGED_SCHEME, shop, {
    way: 'transfer',
    amountCents: 500,
    receivedOn: day(-1),
    reference: '',
    inAdvance: false,
  })
  const deposit = agedId('member', 900_001)
  await recordPayments(deps, bench, AGED_SCHEME, {
    ...{ id: agedId('member', 900_002), way: 'cheque', receivedOn: day(-1) },
    payments: [
      {
        member: shop,
        amountCents: 500,
        reference: '7',
        bank: '',
        drawer: '',
        confirms: ['advance', 'same_cheque'],
      },
    ],
  })
  const cheques = (await listDeposits(deps, bench, AGED_SCHEME)).waiting.slice(0, 200).map(({ id }) => id)
  await createDeposit(deps, bench, AGED_SCHEME, { id: deposit, depositedOn: day(0), cheques })
  const debitFile = await createDebitFile(deps, bench, AGED_SCHEME, {
    collectOn: nextTargetDay(day(20)),
  })
  const credits = Array.from({ length: 300 }, (_, n) => {
    const reference = paymentReference(AGED_SCHEME, agedId('member', n + 1))
    return `${day(-2)};VIR SEPA RECU ${n} ${reference};10,00`
  })
  const file = new TextEncoder().encode(['Date;Libellé;Montant', ...credits].join('\n'))
  const dataRequest = await enterDataRequest(deps, bench, AGED_SCHEME, {
    kind: 'access',
    memberId: agedId('member', 7),
    person: '',
    via: 'mail',
    receivedOn: deps.now().toISOString().slice(0, 10),
  })
  const statement = await addStatement(
    deps,
    bench,
    AGED_SCHEME,
    { name: 'relevé.csv', otherAccount: false },
    file,
  )
  const rows = Array.from({ length: 2000 }, (_, n) => `Boutique ${n};Tabac;63178;06${String(20_000_000 + n)}`)
  const list = new TextEncoder().encode(['Enseigne;Métier;Code INSEE;Mobile', ...rows].join('\n'))
  const chamber = await deps.db
    .selectFrom('user')
    .select(['id', 'name'])
    .where('email', 'like', 'chamber@%')
    .executeTakeFirstOrThrow()
  const actor: Actor = {
    kind: 'user',
    userId: chamber.id,
    name: chamber.name,
    grants: [{ schemeId: AGED_SCHEME, role: 'chamber', agencyId: null }],
  }
  const upload = await openUpload(deps, { actor, schemeId: AGED_SCHEME, lang: 'fr' }, list, 'liste.csv')
  await sql`update schemes set figures_published = true where id = ${AGED_SCHEME}`.execute(deps.db)
  const { rows: found } = await sql<{
    enrolment: string
    charter: string
    year: string
    receipts: { year: number; no: number; memberId: string }[]
    followUp: string
    sector: string
  }>`
    select (select id from enrolments where scheme_id = s.id and state = 'submitted' limit 1) as enrolment,
      (select max(version)::text from charters where scheme_id = s.id) as charter,
      (select max(year)::text from dues_campaigns where scheme_id = s.id) as year,
      (select jsonb_agg(jsonb_build_object('year', r.year, 'no', r.no, 'memberId', r.member_id)) from dues_receipts r
        where r.scheme_id = s.id and (r.member_id = ${shop}::uuid or r.no = 1)) as receipts,
      (select id from follow_ups where scheme_id = s.id and alert_id = ${agedId('alert', openNo(sizes))}::uuid) as follow_up,
      (select t.id::text from sectors t where t.scheme_id = s.id and t.removed_at is null order by t.id limit 1) as sector
    from schemes s where s.id = ${AGED_SCHEME}`.execute(deps.db)
  const one = found[0]
  const receipt = (isOwn: boolean) => {
    const { year, no } = one?.receipts.find(({ memberId }) => (memberId === shop) === isOwn) ?? {
      year: 0,
      no: 0,
    }
    return { year: String(year), no: String(no) }
  }
  const invoice = await addInvoice(deps, shop, Number(one?.year))
  return {
    scheme: AGED_SCHEME,
    member: agedId('member', 7),
    user: await addDelegate(deps),
    alert: agedId('alert', openNo(sizes)),
    report: agedId('report', openNo(sizes)),
    followUp: one?.followUp ?? '',
    upload: upload.id,
    enrolment: one?.enrolment ?? '',
    charter: one?.charter ?? '',
    debitFile: debitFile.id,
    statement: statement.id,
    dataRequest: dataRequest.id,
    deposit,
    invoice: { year: String(invoice.year), no: String(invoice.no) },
    receipt: receipt(false),
    ownReceipt: receipt(true),
    shop,
    sector: one?.sector ?? '',
    ownAlert: await findOwnAlert(deps, shop),
    numberToken: NUMBER_TOKEN,
    siret: demoBusinesses[0]?.siret ?? '',
    year: one?.year ?? '',
  }
}

/** Issues an invoice, with the settings that one needs. */
async function addInvoice(deps: Deps, shop: string, year: number) {
  const creditor = { siret: '00012345500016', address: '1 place de Jaude', vat: 'outside' }
  await sql`
    update schemes set dues = dues || jsonb_build_object('creditor', coalesce(dues->'creditor', '{}') || ${JSON.stringify(creditor)}::jsonb)
    where id = ${AGED_SCHEME}`.execute(deps.db)
  return issueInvoice(deps, bench, AGED_SCHEME, shop, { year })
}

/** Adds the delegate of a trade, on whom a chamber may act. */
async function addDelegate(deps: Deps): Promise<string> {
  const id = deps.newId()
  await acrossSchemes(deps.db, async (tx) => {
    await insertUser(tx, { id, name: 'Delegate', mail: `${id}@demo.invalid`, at: deps.now() })
    const grant = { schemeId: AGED_SCHEME, role: 'trade_chamber', agencyId: null } as const
    await upsertGrant(tx, { ...grant, userId: id, trades: ['tobacco-press'] })
  })
  return id
}

/** Finds an alert that was sent to a member. */
async function findOwnAlert(deps: Deps, memberId: string): Promise<string> {
  const { rows } = await sql<{ alertId: string }>`
    select b.alert_id from deliveries d join broadcasts b on b.scheme_id = d.scheme_id and b.id = d.broadcast_id
    where d.scheme_id = ${AGED_SCHEME} and d.member_id = ${memberId}::uuid and b.alert_id is not null
    order by b.ordered_at desc limit 1`.execute(deps.db)
  return rows[0]?.alertId ?? ''
}
