import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { recordAudit } from '../../src/audit/record.ts'
import { createCipher } from '../../src/cipher/cipher.ts'
import { acrossSchemes, type Database, openDatabase } from '../../src/platform/db.ts'
import { prepareSchema } from '../../src/start/schema.ts'
import { findInstalled } from '../support/installed.ts'
import { freePort } from '../support/postgres.ts'

const PAGE = readFileSync(new URL('../../docs/runbook/pgbackrest.md', import.meta.url), 'utf8')
const SERVER = '/usr/lib/postgresql/17/bin'

function findLacking(): string | undefined {
  if (!process.env.TOCSIN_PGBACKREST) return 'takes half a minute: npm run soak -- --only pgbackrest'
  if (findInstalled('pgbackrest') === undefined) return 'pgbackrest is not installed'
  if (!existsSync(join(SERVER, 'initdb'))) return 'postgresql-17 is not installed'
  return process.getuid?.() === 0 ? undefined : 'it runs as root, as the page does'
}

/** Returns the blocks of a language, without their indentation. */
const blocksOf = (language: string) =>
  [...PAGE.matchAll(new RegExp(`^ *\`\`\`${language}\\n([\\s\\S]+?)^ *\`\`\``, 'gm'))].map(([, text = '']) =>
    text.replace(/^ {3}/gm, ''),
  )

async function ask(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

/** Adds an entry to the audit log. */
function record({ db }: Database, subject: string): Promise<void> {
  const details = { rows: 1, bytes: 1, isEncrypted: true }
  return acrossSchemes(db, (tx) =>
    recordAudit(tx, '', new Date(), { actor: 'system:test', action: 'backup.make', subject, details }),
  )
}

test('the page restores the database as it was at a moment', async ({ skip }) => {
  const lacking = findLacking()
  skip(lacking !== undefined, lacking)
  const directory = mkdtempSync(join(tmpdir(), 'tocsin-pgbackrest-'))
  chmodSync(directory, 0o755)
  const asPostgres = (program: string, args: readonly string[]) =>
    execFileSync('runuser', ['-u', 'postgres', '--', program, ...args], { encoding: 'utf8', stdio: 'pipe' })
  const port = await freePort()
  const [data, repository] = [join(directory, 'main'), join(directory, 'repository')]
  execFileSync('install', ['-d', '-o', 'postgres', '-g', 'postgres', '-m', '0750', data, repository])
  asPostgres(join(SERVER, 'initdb'), [
    '-D',
    data,
    '--encoding=UTF8',
    '--no-locale',
    '--auth=trust',
    '--no-sync',
  ])
  const config = join(directory, 'pgbackrest.conf')
  const here = (text: string) =>
    text
      .replaceAll('/var/lib/postgresql/17/main', data)
      .replaceAll('/var/lib/pgbackrest', repository)
      .replaceAll(
        'pg1-port=5432',
        `pg1-port=${port}\npg1-socket-path=${directory}\nlog-path=${directory}\nlock-path=${directory}`,
      )
      .replaceAll('pgbackrest --stanza', `pgbackrest --config=${config} --stanza`)
  writeFileSync(config, here(blocksOf('ini')[0] ?? ''))
  const [settings = ''] = blocksOf('conf')
  const server = (command: string) =>
    asPostgres(join(SERVER, 'pg_ctl'), [
      '-D',
      data,
      '-w',
      '-m',
      'fast',
      '-l',
      join(repository, 'log'),
      command,
    ])
  execFileSync('chown', ['postgres:', directory])
  writeFileSync(
    join(data, 'postgresql.auto.conf'),
    `port = ${port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '${directory}'\n${here(settings)}`,
  )
  onTestFinished(() => {
    spawnSync('runuser', [
      '-u',
      'postgres',
      '--',
      join(SERVER, 'pg_ctl'),
      '-D',
      data,
      '-m',
      'immediate',
      'stop',
    ])
    rmSync(directory, { recursive: true, force: true })
  })
  const run = (line: string) => {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', here(line)], { encoding: 'utf8' })
    expect(status, `${line}\n${stdout}${stderr}`).toBe(0)
  }
  server('start')
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const first = await openDatabase({ kind: 'postgres', url, poolSize: 2 })
  await prepareSchema({ databaseOwnerUrl: undefined }, first, {
    now: () => new Date(),
    cipher: createCipher(undefined),
  })
  await record(first, 'before the backup')
  const commands = blocksOf('sh').flatMap((block) => block.trim().split('\n'))
  const firstBackup = commands.filter((line) => line.startsWith('runuser') && !/ restore$/.test(line))
  expect(firstBackup).toHaveLength(4)
  for (const line of firstBackup) run(line)
  // The end of a backup is known to the second.
  await sleep(2100)
  await record(first, 'after the backup')
  const { rows } = await sql<{ at: string }>`select clock_timestamp()::text as at`.execute(first.db)
  await sleep(1100)
  await first.close()
  await ask(url, 'drop table members cascade')
  server('stop')
  const restore = commands.find((line) => / restore$/.test(line)) ?? ''
  expect(restore).toContain('--target="2026-11-30 10:15:00+00"')
  run(restore.replace('2026-11-30 10:15:00+00', rows[0]?.at ?? ''))
  server('start')
  await expect.poll(() => ask(url, 'select pg_is_in_recovery() as is')).toEqual([{ is: false }])
  const subjects = await ask(url, `select subject from audit_entries where scheme_id = '' order by seq`)
  expect(subjects).toEqual([{ subject: 'before the backup' }, { subject: 'after the backup' }])
  expect(await ask(url, 'select count(*)::int as n from members')).toEqual([{ n: 0 }])
})
