import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'kysely'
import { makeBackup } from '../src/backup/store.ts'
import { listMemberChanges } from '../src/changes/actions.ts'
import { undoChange } from '../src/changes/undo.ts'
import { previewWelcome, welcomeMembers } from '../src/changes/welcome.ts'
import type { Deps } from '../src/deps.ts'
import { importMembers } from '../src/imports/import/import.ts'
import { runImportJob } from '../src/imports/jobs/run.ts'
import { getUpload } from '../src/imports/uploads/actions.ts'
import { applyUpload } from '../src/imports/uploads/apply.ts'
import { openUpload } from '../src/imports/uploads/open.ts'
import { listMembers } from '../src/members/actions.ts'
import { MemberQuery } from '../src/members/contract.ts'
import type { Actor } from '../src/permissions.ts'
import { migrate } from '../src/platform/database/migrate.ts'
import { inScheme, openDatabase } from '../src/platform/db.ts'
import { ensureReference } from '../src/territory/reference/reference.ts'
import { testDeps } from '../test/support/deps.ts'
import { type DatabaseKind, freshDatabase } from '../test/support/world.ts'
import { fillScheme } from './audience.ts'
import type { BenchContext } from './context.ts'
import { type BenchResults, median, percentile, result } from './result.ts'

const actor: Actor = { kind: 'system', name: 'bench' }
const SCHEME = 'desk'
const MEMBERS = 10_000
const READS = 60
const MEGABYTE = 1024 * 1024
const WAITED_ROWS = 20_000
const ASKED_EVERY_MS = 5
/** Maximum delay of a request caused by a long one. */
const LONGEST_WAIT_MS = 500

/** Typical filters of the chamber, from all members to a few. */
const FILTERS: Record<string, Partial<MemberQuery>> = {
  everybody: {},
  name: { q: 'shop 77' },
  phone: { q: '06 00 00 12' },
  trade: { trade: 'bakeries' },
  commune: { commune: '63113' },
  dead: { numbers: 'dead' },
  shared: { numbers: 'shared' },
  all: { q: 'shop', trade: 'bakeries', status: 'active', numbers: 'dead' },
}

/**
 * Measures D1: a page of the table of members with its counts, for a scheme of 10,000. D2: the import of a list in
 * rows per second, the memory for ten times the rows and, on the embedded database with its single shared
 * connection, the longest delay of another request while a list of 20,000 is checked, imported, welcomed and undone, stored and written
 * by its job, and while a backup of it is made.
 */
export async function benchDesk(
  context: BenchContext,
  kind: DatabaseKind,
  wants: { readonly table: boolean; readonly import: boolean },
): Promise<BenchResults> {
  const server = kind === 'postgres' ? await context.postgres() : undefined
  const fresh = await freshDatabase(kind, server)
  const database = await openDatabase(fresh.settings)
  const name = kind === 'embedded' ? 'pglite' : kind
  const results: BenchResults = {}
  try {
    await migrate(database.db, () => new Date())
    const deps = testDeps(database)
    await ensureReference(deps)
    await fillScheme(deps, SCHEME, { kind: 'departement', code: '63' }, MEMBERS)
    if (wants.table) await measureTable(deps)
    if (wants.import) await measureImports(deps)
    if (wants.import && kind === 'embedded') await measureWaits(deps)
  } finally {
    await database.close()
    await fresh.remove()
  }
  return results

  async function measureTable(deps: Deps): Promise<void> {
    await sql`insert into number_health (scheme_id, phone, state, since)
      select scheme_id, mobile, 'dead', now() from contacts where scheme_id = ${SCHEME} and right(mobile, 2) = '77'`.execute(
      deps.db,
    )
    for (const [filter, query] of Object.entries(FILTERS)) {
      const runs: { ms: number; members: number }[] = []
      for (let read = -5; read < READS; read++) {
        const start = performance.now()
        const page = await listMembers(deps, actor, SCHEME, MemberQuery.parse({ ...query, limit: 100 }))
        const ms = Number((performance.now() - start).toFixed(2))
        if (read >= 0) runs.push({ ms, members: page.counts?.total ?? 0 })
      }
      const p95 = percentile(
        runs.map((run) => run.ms),
        0.95,
      )
      context.print(`D1 ${name} ${filter}: p95 ${p95} ms, ${runs[0]?.members} members`)
      results[`D1.${name}.${filter}`] = result(p95, 'ms', 100, 'atMost', runs)
    }
  }

  async function measureImports(deps: Deps): Promise<void> {
    const large = context.large
    await sql`update schemes set trades = '{tobacco-press,bakeries,pharmacies,jewellers}' where id = ${SCHEME}`.execute(
      deps.db,
    )
    const runs: { rows: number; rowsPerSecond: number; peakMb: number }[] = []
    // Small lists first, so that one-time costs of the process are not counted with the large ones.
    for (const rows of [large / 10, large / 10, large, large]) {
      await sql`delete from members where scheme_id = ${SCHEME}`.execute(deps.db)
      const bytes = makeList(rows, communes)
      globalThis.gc?.()
      const before = usedMemory()
      let peak = before
      const watch = setInterval(() => {
        peak = Math.max(peak, usedMemory())
      }, 20)
      const start = performance.now()
      const report = await importMembers(deps, actor, SCHEME, bytes)
      const seconds = (performance.now() - start) / 1000
      clearInterval(watch)
      if (report.created !== rows) throw new Error(`${report.created} of ${rows} rows were created`)
      const run = {
        rows,
        rowsPerSecond: Math.round(rows / seconds),
        peakMb: Math.round((peak - before) / MEGABYTE),
      }
      context.print(`D2 ${name}: ${run.rows} rows, ${run.rowsPerSecond} a second, ${run.peakMb} MB more`)
      runs.push(run)
    }
    const of = (rows: number) => runs.filter((run) => run.rows === rows)
    const rate = median(of(large).map((run) => run.rowsPerSecond))
    results[`D2.${name}.rows`] = result(rate, 'rows/s', 2000, 'atLeast', runs)
    const megabytes = Math.min(...of(large).map((run) => run.peakMb))
    results[`D2.${name}.memory`] = result(megabytes, 'MB for the large list', 256, 'atMost', runs)
  }

  async function measureWaits(deps: Deps): Promise<void> {
    const rows = Math.min(WAITED_ROWS, context.large)
    await sql`delete from members where scheme_id = ${SCHEME}`.execute(deps.db)
    const bytes = makeList(rows, communes)
    const latestChange = async () => (await listMemberChanges(deps, actor, SCHEME))[0]?.id ?? ''
    const undo = async () => {
      const { change: undone } = await undoChange(deps, actor, SCHEME, await latestChange())
      if (undone.undone?.restored !== rows)
        throw new Error(`${undone.undone?.restored} of ${rows} were undone`)
    }
    const unread = makeUnreadList(rows)
    const whose = { actor, schemeId: SCHEME, lang: 'fr' } as const
    let upload = ''
    const store = async () => {
      upload = (await openUpload(deps, whose, bytes, 'liste.csv')).id
      await applyUpload(deps, whose, upload, {})
    }
    const write = async () => {
      await runImportJob(deps, { schemeId: SCHEME, importId: upload })
      const { appliedAt } = await getUpload(deps, whose, upload)
      if (appliedAt === null) throw new Error('the list was not imported')
    }
    const steps = {
      unread: () => importMembers(deps, actor, SCHEME, unread, { dryRun: true }),
      check: () => importMembers(deps, actor, SCHEME, bytes, { dryRun: true }),
      import: () => importMembers(deps, actor, SCHEME, bytes),
      recheck: () => importMembers(deps, actor, SCHEME, bytes, { dryRun: true }),
      preview: async () => {
        await previewWelcome(deps, actor, SCHEME, await latestChange())
      },
      welcome: () =>
        latestChange().then((id) =>
          welcomeMembers(deps, actor, SCHEME, id, { channel: 'sms', members: rows }),
        ),
      undo,
      store,
      write,
      backup: () =>
        makeBackup(deps, { recipients: [], version: '0.0.0', by: 'system:bench' }, async () => {}),
    }
    for (const [step, work] of Object.entries(steps)) {
      const run = await measureLongestWait(deps, work)
      context.print(
        `D2 ${name} ${step}: ${rows} rows in ${run.seconds} s, another request waits ${run.longestMs} ms at most`,
      )
      results[`D2.${name}.wait.${step}`] = result(
        run.longestMs,
        `ms, the longest wait of ${run.requests} requests`,
        LONGEST_WAIT_MS,
        'atMost',
        [run],
      )
    }
  }
}

/**
 * Runs work with a request every few milliseconds beside it. @returns the longest delay of a request, and the
 * number of requests
 */
async function measureLongestWait(deps: Deps, work: () => Promise<unknown>) {
  let isOver = false
  let longest = 0
  let requests = 0
  const asking = (async () => {
    while (!isOver) {
      const due = performance.now() + ASKED_EVERY_MS
      await delay(ASKED_EVERY_MS)
      await inScheme(deps.db, SCHEME, (tx) =>
        tx.selectFrom('reports').select('id').where('schemeId', '=', SCHEME).limit(1).execute(),
      )
      // A timer delayed by computation counts as a delayed request.
      longest = Math.max(longest, performance.now() - due)
      requests++
    }
  })()
  const start = performance.now()
  try {
    await work()
  } finally {
    isOver = true
    await asking
  }
  return {
    longestMs: Math.round(longest),
    requests,
    seconds: Number(((performance.now() - start) / 1000).toFixed(1)),
  }
}

/** Returns the memory of JavaScript in this process: the heap, and buffers outside of it. */
function usedMemory(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const communes = ['63178', '63113', '63003', '63050', '63287', '63321', '63300', '63124', '63014', '63075']
const trades = ['Tabac', 'Boulangerie', 'Pharmacie', 'Bijouterie']

/** Makes a list whose communes and trades are all misspelt, each in its own way. */
function makeUnreadList(rows: number): Uint8Array {
  const lines = ['Enseigne;Métier;Commune;Mobile']
  for (let n = 0; n < rows; n++) {
    const letters = [...String(n)].map((digit) => String.fromCharCode(97 + Number(digit))).join('')
    lines.push(`Commerce ${n};boulangrie ${letters};Clairmon ${letters};06${String(10_000_000 + n)}`)
  }
  return new TextEncoder().encode(lines.join('\n'))
}

/** Makes a list of distinct businesses. */
function makeList(rows: number, codes: readonly string[]): Uint8Array {
  const lines = ['Enseigne;Métier;Code INSEE;Adresse;Contact;Mobile;Mail']
  for (let n = 0; n < rows; n++) {
    const mobile = `06${String(10_000_000 + n)}`
    lines.push(
      `Commerce ${n};${trades[n % trades.length]};${codes[n % codes.length]};${n} rue de la Paix;Camille ${n};${mobile};c${n}@exemple.fr`,
    )
  }
  return new TextEncoder().encode(lines.join('\n'))
}
