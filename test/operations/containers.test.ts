import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DCLinter } from 'dclint'
import { validate } from 'dockerfile-utils'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import packageJson from '../../package.json' with { type: 'json' }
import { ROOT } from '../support/program.ts'

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const dockerfile = read('deploy/docker/Dockerfile')

interface Linted {
  readonly messages: readonly { readonly message: string; readonly line: number }[]
}

interface Service {
  readonly image: string
  readonly user?: string
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
  readonly secrets?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}
const compose = parse(read('deploy/docker/compose.yaml')) as {
  readonly services: Readonly<Record<string, Service>>
  readonly secrets: Readonly<Record<string, unknown>>
}

test('the Dockerfile has no fault, and ends as a user without rights with a health check', () => {
  expect(validate(dockerfile)).toEqual([])
  const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '))
  expect(last).toMatch(/^USER 10001$/m)
  expect(last).toMatch(/^HEALTHCHECK /m)
  const node = /^FROM node:(\d+)-/m.exec(dockerfile)?.[1]
  expect(packageJson.engines.node).toBe(`>=${node}`)
})

test('the compose file has no fault; the program has a read-only root and no capability', () => {
  const linter = new DCLinter({
    exclude: [],
    rules: { 'require-quotes-in-ports': [1, { quoteType: 'double' }] },
    quiet: false,
    debug: false,
  })
  // Its types name files that TypeScript does not find.
  const found: readonly Linted[] = linter.lintFiles([join(ROOT, 'deploy/docker/compose.yaml')], false)
  expect(found.length).toBe(1)
  expect(found.flatMap(({ messages }) => messages.map(({ message, line }) => `${line}: ${message}`))).toEqual(
    [],
  )
  for (const name of ['migrate', 'tocsin'])
    expect(compose.services[name], name).toMatchObject({ user: '10001', read_only: true, cap_drop: ['ALL'] })
  for (const [name, { secrets = [], environment = {} }] of Object.entries(compose.services)) {
    const used = Object.values(environment).flatMap(
      (value) => /^\/run\/secrets\/(.+)$/.exec(value)?.[1] ?? [],
    )
    expect(used.toSorted(), name).toEqual([...secrets].toSorted())
    for (const secret of secrets) expect(compose.secrets, name).toHaveProperty(secret)
  }
  // Only the migrations get the login of the owner.
  expect(compose.services.tocsin?.secrets).not.toContain('database_owner_url')
})

test('the logins of the compose file are those of the installation page', () => {
  const statements = (text: string) =>
    text.match(/^ *(?:create|grant|alter) .+;$/gm)?.map((line) => line.trim())
  const [, page = ''] = /```sql\n([\s\S]*?)```/.exec(read('docs/runbook/install.md')) ?? []
  const expected = statements(page)?.map((line) =>
    line.startsWith('create database tocsin owner tocsin_owner ')
      ? 'alter database tocsin owner to tocsin_owner;'
      : line,
  )
  expect(expected?.length).toBeGreaterThan(5)
  expect(statements(read('deploy/docker/roles.sql'))).toEqual(expected)
})
