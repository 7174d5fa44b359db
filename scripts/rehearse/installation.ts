import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { type Cipher, createCipher } from '../../src/cipher/cipher.ts'
import { parseKeyring } from '../../src/cipher/keyring.ts'
import { type Database, openDatabase } from '../../src/platform/db.ts'
import { OWNER } from '../../test/support/owner-url.ts'
import { openAccount, PRODUCTION } from '../../test/support/server.ts'
import { BENCH_SCHEME, fillScheme } from '../../test/support/world.ts'
import { ADDRESSES, newPassword } from './cluster.ts'
import type { Processes, Started } from './processes.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const MAIL = 'operator@tocsin.example'
export const WEB_PORT = 3000
/** Addresses of the workers, beside those of deploy/ha. */
const WORKERS = ['127.0.0.8', '127.0.0.9', '127.0.0.10'] as const
/** Longer than two checks of HAProxy. */
const DRAIN_SECONDS = 3

export interface Provider {
  readonly port: number
  readonly window: number
  /** Parts a second. */
  readonly rate: number
}

/** The installation of Tocsin on the cluster: its logins, its scheme, and its processes. */
export class Installation {
  readonly #processes: Processes
  readonly #directory: string
  readonly #passwords = { owner: newPassword(), web: newPassword(), engine: newPassword() }
  readonly #web = new Map<'web1' | 'web2', Started>()
  #cipher: Cipher = createCipher(undefined)
  #provider: Provider = { port: 0, window: 1, rate: 1 }

  constructor(processes: Processes, directory: string) {
    this.#processes = processes
    this.#directory = directory
  }

  get webPassword(): string {
    return this.#passwords.web
  }

  /** Makes roles, logins and tables as docs/runbook/install.md says, and a scheme with members of one contact each. */
  async install(superuserPassword: string, members: number, provider: Provider): Promise<void> {
    this.#provider = provider
    const admin = urlOf('postgres', superuserPassword, 'postgres')
    for (const statement of this.#loginStatements()) await query(admin, statement)
    const keys = join(this.#directory, 'keys.json')
    await this.#command(['keys', 'create', '--file', keys])
    this.#cipher = createCipher(parseKeyring(readFileSync(keys, 'utf8')))
    await this.#command(['migrate'], { DATABASE_OWNER_URL: urlOf('tocsin_owner', this.#passwords.owner) })
    // The fixtures of the tests write as an owner that may do everything; it is gone before anything is measured.
    await query(admin, `create role ${OWNER} superuser login password '${OWNER}'`)
    await this.withDatabase(async (database) => {
      await fillScheme({ database, cipher: this.#cipher }, members)
      const now = () => new Date()
      const account = { mail: MAIL, name: 'Operator', schemeId: BENCH_SCHEME, role: 'operator' } as const
      await openAccount({ db: database.db, now, newId: () => crypto.randomUUID() }, account)
    })
    await query(admin, `drop role ${OWNER}`)
    await query(urlOf('postgres', superuserPassword), 'vacuum analyze')
  }

  /** Runs work on the database with the login of workers, past the pooler. */
  async withDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
    const url = urlOf('tocsin_engine', this.#passwords.engine)
    const database = await openDatabase({ kind: 'postgres', url, poolSize: 2 }, { cipher: this.#cipher })
    try {
      return await work(database)
    } finally {
      await database.close()
    }
  }

  startWeb(name: 'web1' | 'web2'): void {
    const { web } = this.#passwords
    const session = urlOf('tocsin_web', web)
    this.#web.set(
      name,
      this.#serve(name, {
        TOCSIN_ROLE: 'web',
        HOST: ADDRESSES[name === 'web1' ? 'WEB1' : 'WEB2'],
        TOCSIN_DRAIN_SECONDS: String(DRAIN_SECONDS),
        DATABASE_URL: session.replace(':5000/', ':6432/'),
        DATABASE_SESSION_URL: session,
        DATABASE_READ_URL: session.replace(':5000/', ':5001/'),
      }),
    )
  }

  /** Restarts a web node as an upgrade does: it is taken out by its health check, answers what is under way, and ends. */
  async restartWeb(name: 'web1' | 'web2'): Promise<void> {
    await this.#web.get(name)?.end()
    this.startWeb(name)
  }

  startWorkers(): Started[] {
    return WORKERS.map((HOST, no) =>
      this.#serve(`worker${no + 1}`, {
        TOCSIN_ROLE: 'worker',
        HOST,
        DATABASE_URL: urlOf('tocsin_engine', this.#passwords.engine),
      }),
    )
  }

  /** The addresses by which every process says whether it is ready. */
  readonly readiness = [ADDRESSES.WEB1, ADDRESSES.WEB2, ...WORKERS].map(
    (host) => `http://${host}:${WEB_PORT}/readyz`,
  )

  /** Signs the operator in through HAProxy. @returns a function that sends requests with this session */
  async signIn(): Promise<
    (method: string, path: string, body?: unknown, signal?: AbortSignal) => Promise<Response>
  > {
    const base = `http://${ADDRESSES.BALANCER}:8080`
    const headers = { 'content-type': 'application/json', origin: PRODUCTION.TOCSIN_BASE_URL }
    const response = await fetch(`${base}/api/auth/sign-in/email`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ email: MAIL, password: `a password of ${MAIL}` }),
    })
    if (!response.ok) throw new Error(`sign-in: ${response.status} ${await response.text()}`)
    await response.arrayBuffer()
    const cookie = response.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ')
    return (method, path, body, signal) =>
      fetch(`${base}/api/schemes/${BENCH_SCHEME}${path}`, {
        method,
        headers: { ...headers, cookie },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal === undefined ? {} : { signal }),
      })
  }

  #serve(name: string, env: Readonly<Record<string, string>>): Started {
    const { port, window, rate } = this.#provider
    return this.#processes.start(name, {
      command: process.execPath,
      args: ['src/main.ts', 'serve', '--no-web'],
      cwd: ROOT,
      env: {
        ...this.#settings(),
        PORT: String(WEB_PORT),
        TOCSIN_SMPP_HOST: '127.0.0.1',
        TOCSIN_SMPP_PORT: String(port),
        TOCSIN_SMPP_TLS: 'false',
        TOCSIN_SMPP_WINDOW: String(window),
        TOCSIN_SMPP_RATE: String(rate),
        ...env,
      },
    })
  }

  #settings(): Record<string, string> {
    const { TOCSIN_ENCRYPTION: _, ...production } = PRODUCTION
    return {
      ...production,
      TOCSIN_LANG: 'en',
      TOCSIN_DATA_DIR: join(this.#directory, 'data'),
      TOCSIN_KEYS_FILE: join(this.#directory, 'keys.json'),
      TOCSIN_COMPANY_API: 'off',
    }
  }

  async #command(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
    await promisify(execFile)(process.execPath, ['src/main.ts', ...args], {
      cwd: ROOT,
      env: {
        PATH: process.env.PATH,
        ...this.#settings(),
        ...(args[0] === 'keys' ? { TOCSIN_KEYS_FILE: '' } : {}),
        DATABASE_URL: urlOf('tocsin_engine', this.#passwords.engine),
        ...env,
      },
    })
  }

  #loginStatements(): string[] {
    const { owner, web, engine } = this.#passwords
    const page = readFileSync(join(ROOT, 'docs/runbook/install.md'), 'utf8')
    const [, roles = ''] = /```sql\n([\s\S]+?)```/.exec(page) ?? []
    const pooled = readFileSync(join(ROOT, 'deploy/ha/logins.sql'), 'utf8').replace(/^--.*$/gm, '')
    return `${roles}${pooled}`
      .replace('OWNER-PASSWORD', owner)
      .replace('WEB-PASSWORD', web)
      .replace('ENGINE-PASSWORD', engine)
      .split(';')
      .map((statement) => statement.trim())
      .filter((statement) => statement !== '')
  }
}

function urlOf(login: string, password: string, database = 'tocsin'): string {
  return `postgres://${login}:${password}@${ADDRESSES.BALANCER}:5000/${database}`
}

async function query(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
