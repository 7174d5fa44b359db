import type { Problem } from '../errors.ts'
import { fileVariableOf, readSecretVariable } from '../platform/process/secret-file.ts'
import { type Environment, problemOf } from './setting.ts'
import { settings, type Values } from './settings.ts'

/** Stands for a value that was given but cannot be read. */
const UNREAD = ' '

/**
 * Reads the value of each setting from the environment, or a secret from the file that it names, and collects what is wrong with
 * them. An empty value counts as absent; one that is refused has no value.
 * @returns also the environment with the secrets of files
 */
export function readValues(
  given: Environment,
  readFile: (path: string) => string,
  problems: Problem[],
): { readonly values: Values; readonly env: Environment } {
  const { env, fromFile, unread } = readSecretFiles(given, readFile, problems)
  return { values: parseValues(env, { fromFile, unread }, problems), env }
}

/**
 * Reads the secrets that are given as files.
 * @returns the environment with their values, the settings that come from files, and those that cannot be read
 */
function readSecretFiles(given: Environment, readFile: (path: string) => string, problems: Problem[]) {
  const env: Record<string, string | undefined> = { ...given }
  const fromFile = new Set<string>()
  const unread = new Set<string>()
  for (const [name, setting] of Object.entries(settings)) {
    const found = 'secret' in setting ? readSecretVariable(name, given, readFile) : undefined
    if (found === undefined) continue
    if ('text' in found) {
      env[name] = found.text
      if (found.isFile) fromFile.add(name)
    } else {
      problems.push(found.problem)
      env[name] = UNREAD
      unread.add(name)
    }
  }
  return { env, fromFile, unread }
}

/** Parses each setting; those that are unread or refused have no value, and the refused ones are added to the problems. */
function parseValues(
  env: Environment,
  { fromFile, unread }: { readonly fromFile: ReadonlySet<string>; readonly unread: ReadonlySet<string> },
  problems: Problem[],
): Values {
  const values: Record<string, unknown> = {}
  for (const [name, setting] of Object.entries(settings)) {
    if (unread.has(name)) continue
    const parsed = setting.schema.safeParse(env[name] === '' ? undefined : env[name])
    if (parsed.success) values[name] = parsed.data
    else {
      const givenAs = fromFile.has(name) ? fileVariableOf(name) : name
      problems.push(problemOf('config.value', { ...setting, name: givenAs }))
    }
  }
  return values as Values
}
