import { readFileSync } from 'node:fs'

/** package.json, which is at the same relative path from src and dist. */
const { version, peerDependencies }: { version: string; peerDependencies: Record<string, string> } =
  JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))

/** The version of this program. */
export { version }

/** Packages that few installations use, which are not installed with the program: their versions by name. */
export const optionalPackages: Readonly<Record<string, string>> = peerDependencies
