import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** For each program, its path on Debian, the package that installs it, and the arguments that print its version. */
const PROGRAMS = {
  etcd: { path: '/usr/bin/etcd', package: 'etcd-server', version: ['--version'] },
  patroni: { path: '/usr/bin/patroni', package: 'patroni', version: ['--version'] },
  haproxy: { path: '/usr/sbin/haproxy', package: 'haproxy', version: ['-v'] },
  pgbouncer: { path: '/usr/sbin/pgbouncer', package: 'pgbouncer', version: ['--version'] },
  postgres: {
    path: '/usr/lib/postgresql/17/bin/postgres',
    package: 'postgresql-17',
    version: ['--version'],
  },
} as const
/** The library by which Patroni talks to etcd; its package only suggests it among others. */
const ETCD_CLIENT = { path: '/usr/lib/python3/dist-packages/etcd', package: 'python3-etcd' } as const
type ProgramName = keyof typeof PROGRAMS

/** Programs that the rehearsal needs are not installed; the message names them and how to install them. */
export class MissingPrograms extends Error {}

/** Returns the path of a program. */
export const pathOf = (name: ProgramName): string => PROGRAMS[name].path

/**
 * Checks that every program is installed.
 * @returns the version of each
 * @throws MissingPrograms
 */
export function requirePrograms(): Record<string, string> {
  const missing = [...Object.values(PROGRAMS), ETCD_CLIENT].filter(({ path }) => !existsSync(path))
  if (missing.length > 0) {
    throw new MissingPrograms(
      `Not installed: ${missing.map(({ path }) => path).join(', ')}. On Debian 13:\n  apt-get install --no-install-recommends ${missing
        .map((one) => one.package)
        .join(
          ' ',
        )}\nThe services that the packages bring are not needed: the rehearsal starts its own processes.`,
    )
  }
  return Object.fromEntries(
    Object.entries(PROGRAMS).map(([name, { path, version }]) => {
      const text = execFileSync(path, version, { encoding: 'utf8' })
      return [name, /\d+(?:\.\d+)+/.exec(text)?.[0] ?? '?']
    }),
  )
}

/** The user that PostgreSQL and PgBouncer run as, which refuse to run as root: the one that Debian makes, or the current one. */
export function databaseUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}
