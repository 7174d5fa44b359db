import type { Problem } from '../../errors.ts'

type ReadFile = (path: string) => string

/** The text of a file that holds one secret, or the code of the error: that of the system, or `EMPTY`. */
type SecretFile = { readonly text: string } | { readonly reason: string }

/** Reads a secret from a file. Editors and `echo` end a file with a line feed, which is not part of the secret. */
export function readSecretFile(path: string, readFile: ReadFile): SecretFile {
  try {
    const text = readFile(path).replace(/\r?\n$/, '')
    return text === '' ? { reason: 'EMPTY' } : { text }
  } catch (error) {
    return { reason: reasonOf(error) }
  }
}

/** Returns the code of an error of the file system. */
export function reasonOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'EIO'
}

/** Returns the name of the variable that names the file of a secret. */
export function fileVariableOf(name: string): string {
  return `${name}_FILE`
}

/**
 * Reads a secret from the environment: the value of NAME, or the content of the file that NAME_FILE names. An empty variable
 * counts as absent.
 * @returns undefined when neither is given
 */
export function readSecretVariable(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
  readFile: ReadFile,
): { readonly text: string; readonly isFile: boolean } | { readonly problem: Problem } | undefined {
  const variable = fileVariableOf(name)
  const path = env[variable]
  const value = env[name]
  if (!path) return value ? { text: value, isFile: false } : undefined
  if (value) return { problem: { code: 'config.given_twice', path: variable, values: { name, variable } } }
  const read = readSecretFile(path, readFile)
  if ('text' in read) return { text: read.text, isFile: true }
  const values = { variable, file: path, reason: read.reason }
  return { problem: { code: 'config.variable_file', path: variable, values } }
}
