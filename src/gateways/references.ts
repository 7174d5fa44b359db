import { z } from 'zod'
import type { Problem } from '../errors.ts'
import { readSecretFile, readSecretVariable } from '../platform/process/secret-file.ts'

/** Sources of referenced values: the environment and files of the process, or replacements in tests. */
export interface Sources {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Reads a text file. @throws NodeJS.ErrnoException */
  readonly readFile: (path: string) => string
}

const RESOLVED = Symbol('resolved reference')

interface Resolved {
  readonly [RESOLVED]: string
}

/**
 * Makes a field whose value is never written in the settings file but referenced: `{ "env": "NAME" }` or `{
 * "file": "/run/secrets/name" }`. For passwords, keys and certificates.
 */
export function referencedValue<Output = string>(inner?: z.ZodType<Output, string>) {
  return z
    .unknown()
    .transform((value, context) => {
      if (isResolved(value)) return value[RESOLVED]
      const problem = value === undefined ? 'input.required' : 'config.secret_plain'
      context.addIssue({ code: 'custom', params: { problem } })
      return z.NEVER
    })
    .pipe(inner ?? (z.string().min(1) as unknown as z.ZodType<Output, string>))
}

/** The field with the body sent to a provider: an object with a field `file` in it is not a reference. */
const NOT_OURS = 'request'

/**
 * Replaces every reference in the value by its target, for `referencedValue`.
 * @param path of the value in its file
 */
export function readReferences(
  value: unknown,
  sources: Sources,
  path: readonly (string | number)[],
  problems: Problem[],
): unknown {
  if (Array.isArray(value)) {
    return value.map((item, index) => readReferences(item, sources, [...path, index], problems))
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const [[key, from] = []] = entries
  if (entries.length === 1 && typeof from === 'string' && (key === 'env' || key === 'file')) {
    return { [RESOLVED]: readReference(key, from, sources, path.join('.'), problems) }
  }
  return Object.fromEntries(
    entries.map(([name, item]) => [
      name,
      name === NOT_OURS ? item : readReferences(item, sources, [...path, name], problems),
    ]),
  )
}

function readReference(
  key: 'env' | 'file',
  from: string,
  sources: Sources,
  path: string,
  problems: Problem[],
): string {
  if (key === 'env') {
    const found = readSecretVariable(from, sources.env, sources.readFile)
    if (found !== undefined && 'text' in found) return found.text
    const absent = { code: 'config.secret_env', values: { path, name: from } } as const
    problems.push({ ...(found?.problem ?? absent), path })
    return ''
  }
  const read = readSecretFile(from, sources.readFile)
  if ('text' in read) return read.text
  problems.push({ code: 'config.secret_file', path, values: { path, file: from, reason: read.reason } })
  return ''
}

function isResolved(value: unknown): value is Resolved {
  return typeof value === 'object' && value !== null && RESOLVED in value
}
