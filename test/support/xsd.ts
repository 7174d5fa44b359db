import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** The same places as in alerts/proof/cap.test.ts. */
const places = ['../../../shared/xsd', '../../../../shared/xsd'].map((path) =>
  join(import.meta.dirname, path, 'pain.008.001.08.xsd'),
)
const SCHEMA = places.find((path) => existsSync(path))

/** The reason why debit files cannot be validated against the schema of ISO 20022 here; undefined: they can. */
export const noPainSchema =
  SCHEMA === undefined
    ? 'no pain.008.001.08.xsd in shared/xsd beside the checkout'
    : spawnSync('xmllint', ['--version']).error !== undefined
      ? 'xmllint is not installed'
      : undefined

/** Validates debit files. @throws Error with the output of xmllint when one is invalid */
export function checkPain(files: readonly string[]): void {
  execFileSync('xmllint', ['--noout', '--schema', SCHEMA ?? '', ...files], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
}
