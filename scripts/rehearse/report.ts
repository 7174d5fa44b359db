import type { Comparison } from '../../test/support/ledger-against-smsc.ts'
import { type Act, findOutages, type Outage } from './probe.ts'

/** The faults injected into the installation, and the longest outage allowed after each. */
const KINDS = {
  primary: { what: 'PostgreSQL of the primary killed (SIGKILL)', maxSeconds: 15 },
  worker: { what: 'a worker frozen for 12 s (SIGSTOP, SIGCONT)', maxSeconds: 15 },
  web: { what: 'a web node restarted (SIGTERM)', maxSeconds: 15 },
  pooler: { what: 'PgBouncer restarted, its connections cut', maxSeconds: 15 },
  // Patroni accepts no lease shorter than 20 s.
  machine: { what: 'machine of the primary lost (PostgreSQL, Patroni and etcd killed)', maxSeconds: 30 },
} as const

export interface Happening {
  readonly kind: keyof typeof KINDS
  readonly atMs: number
}

export interface Result {
  readonly members: number
  /** From the order to the last receipt. */
  readonly seconds: number
  readonly happenings: readonly Happening[]
  readonly acts: readonly Act[]
  /** Calls that were answered as recorded, and how many of them are not in the database. */
  readonly confirmed: number
  readonly missing: number
  /** Messages that the SMS centre accepted. */
  readonly received: number
  readonly ledger: Comparison
}

interface Facts {
  readonly seed: number
  readonly date: string | undefined
  readonly versions: Readonly<Record<string, string>>
  readonly machine: string
}

/** An act that fails may have begun up to this much before what made it fail: as long as it waits for an answer. */
const BEFORE_MS = 5000

interface Effect {
  readonly kind: Happening['kind']
  readonly outages: readonly Outage[]
  /** Seconds that the slowest act took that was done. */
  readonly slowest: number
}

/** Returns what each happening did to the acts, until the next one. */
function findEffects({ happenings, acts }: Result): Effect[] {
  const all = findOutages(acts)
  return happenings.map(({ kind, atMs: ms }, no) => {
    const next = happenings[no + 1]?.atMs ?? Number.POSITIVE_INFINITY
    const isWithin = ({ atMs }: { readonly atMs: number }) =>
      atMs >= ms - BEFORE_MS && atMs < next - BEFORE_MS
    const done = acts.filter((act) => act.isDone && isWithin(act))
    return {
      kind,
      outages: all.filter(isWithin),
      slowest: Math.max(0, ...done.map((act) => act.ms)) / 1000,
    }
  })
}

const longest = (outages: readonly Outage[]) => Math.max(0, ...outages.map(({ ms }) => ms)) / 1000

/** Returns the promises that were broken, in words; none: empty. */
export function findBroken(result: Result): string[] {
  const { members, ledger, missing, happenings } = result
  const broken = [...ledger.problems]
  if (ledger.deliveries !== members) broken.push(`${ledger.deliveries} deliveries for ${members} members`)
  if (missing > 0) broken.push(`${missing} calls were confirmed and are lost`)
  if (happenings.length !== Object.keys(KINDS).length) broken.push('not everything was rehearsed')
  for (const { kind, outages } of findEffects(result)) {
    const { what, maxSeconds } = KINDS[kind]
    const seconds = longest(outages)
    if (seconds > maxSeconds)
      broken.push(`${what}: ${seconds.toFixed(1)} s without service, not ${maxSeconds}`)
  }
  return broken
}

/** Writes the report as Markdown. */
export function writeReport(result: Result, { seed, date, versions, machine }: Facts): string {
  const { members, ledger, seconds } = result
  const problems = findBroken(result)
  const count = (value: number) => value.toLocaleString('en')
  const rows = findEffects(result).map(({ kind, outages, slowest }) => {
    const { what, maxSeconds } = KINDS[kind]
    const failed = outages.reduce((sum, one) => sum + one.failed, 0)
    return `| ${what} | ${longest(outages).toFixed(1)} s | ${maxSeconds} s | ${failed} | ${slowest.toFixed(1)} s |`
  })
  const undelivered = Object.entries(ledger.states).filter(([state]) => state !== 'delivered')
  return `# High availability, rehearsed

${date === undefined ? '' : `${date}. `}\`npm run rehearse -- ha --members ${members} --seed ${seed}\`: three database nodes (etcd ${versions.etcd}, Patroni ${versions.patroni}, PostgreSQL ${versions.postgres}, synchronous mode), HAProxy ${versions.haproxy}, PgBouncer ${versions.pgbouncer} in transaction mode for two web nodes, three workers, as configured in deploy/ha; ${machine}. A client records a call through HAProxy each 200 ms; an act that is not answered in 5 s has failed.

| During the broadcast | Longest time without service | At most | Acts that failed | Slowest act that was done |
|---|---|---|---|---|
${rows.join('\n')}

| Result | |
|---|---|
| Members | ${count(members)} |
| From the order to the last receipt | ${seconds.toFixed(0)} s |
| Messages that the SMS centre accepted | ${count(result.received)} |
| Delivered by the ledger | ${count(ledger.states.delivered ?? 0)}${undelivered.map(([state, number]) => `, ${state} ${count(number)}`).join('')} |
| Lost | ${ledger.problems.some((one) => one.startsWith('lost')) ? 'see below' : '0'} |
| Received twice | ${count(ledger.doubles)} |
| Marked as possible duplicates | ${count(ledger.marked)} |
| Calls recorded, of which missing afterwards | ${count(result.confirmed)} of ${count(result.acts.length)} sent, ${count(result.missing)} |

${problems.length === 0 ? 'Every promise was kept.' : `Broken promises:\n${problems.map((one) => `- ${one}`).join('\n')}`}
`
}
