import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { openDatabase } from '../../src/platform/db.ts'
import { migrate } from '../../src/platform/migrate.ts'
import { type PostgresServer, startPostgres } from './postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Answers the address of a fresh database of the run's PostgreSQL, which it starts when first asked. */
    postgresDoor: string
  }
}

interface Door {
  readonly server: PostgresServer
  readonly admin: pg.Client
}

/**
 * One PostgreSQL for the whole run, started only when a test asks for it. The tests run in other processes, so
 * they ask over HTTP: `POST <door>/migrated` or `POST <door>/empty`.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let door: Promise<Door> | undefined
  let count = 0

  async function open(): Promise<Door> {
    const server = await startPostgres()
    const admin = new pg.Client({ connectionString: server.url })
    await admin.connect()
    // Migrated once and copied: migrating each database would also race for the one role they share.
    await admin.query('create database template_tocsin')
    const template = await openDatabase({
      kind: 'postgres',
      url: server.urlOf('template_tocsin'),
      poolSize: 2,
    })
    await migrate(template.db, () => new Date())
    await template.close()
    return { server, admin }
  }

  async function create(migrated: boolean): Promise<string> {
    door ??= open()
    const { server, admin } = await door
    const name = `test_${++count}`
    await admin.query(`create database ${name} template ${migrated ? 'template_tocsin' : 'template0'}`)
    return server.urlOf(name)
  }

  const http = createServer((request, response) => {
    create(request.url === '/migrated').then(
      (url) => response.end(url),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  project.provide('postgresDoor', `http://127.0.0.1:${(http.address() as AddressInfo).port}`)

  return async () => {
    http.close()
    http.closeAllConnections()
    const opened = await door?.catch(() => undefined)
    await opened?.admin.end()
    await opened?.server.stop()
  }
}
