import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** As in alerts/proof/cap.test.ts. */
const places = ['../../../shared/xsd', '../../../../shared/xsd'].map((path) =>
  join(import.meta.dirname, path, 'pain.008.001.08.xsd'),
)
const SCHEMA = places.find((path) => existsSync(path))

/** Why files of debits cannot be checked against the schema of ISO 20022 here; undefined: they can. */
export const noPainSchema =
  SCHEMA === undefined
    ? 'no pain.008.001.08.xsd in shared/xsd beside the checkout'
    : spawnSync('xmllint', ['--version']).error !== undefined
      ? 'xmllint is not installed'
      : undefined

/** @throws Error with what xmllint says when one of these files is not valid */
export function checkPain(files: readonly string[]): void {
  execFileSync('xmllint', ['--noout', '--schema', SCHEMA ?? '', ...files], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
}
