import type { NumberConsequence } from '../../src/members/numbers/contract.ts'
import { ApiError } from './client.ts'

const CONSEQUENCES: readonly NumberConsequence[] = [
  'number.last_mobile',
  'number.of_member',
  'number.foreign',
]

/** Tells whether the server refused with one of these codes. */
export function isRefusal(error: unknown, ...codes: readonly string[]): error is ApiError {
  return error instanceof ApiError && codes.includes(error.code)
}

/** Returns the server's problems by the path of their field. */
export function problemsByPath(error: unknown): Record<string, string> {
  const paths = error instanceof ApiError ? error.problems.map(({ path }) => path) : []
  return Object.fromEntries(
    paths.filter((path) => path !== undefined).map((path) => [path, problemAt(error, path) ?? '']),
  )
}

/** Returns the server's problem with a field, for the field to show; undefined: none. */
export function problemAt(error: unknown, path: string): string | undefined {
  if (!(error instanceof ApiError)) return undefined
  const own = error.problems.filter((problem) => problem.path === path)
  return own.length === 0 ? undefined : own.map(({ message }) => message).join(' ')
}

/** Returns the refusal if no field shows it. */
export function isAboutFields(error: unknown, paths: readonly string[]): boolean {
  return (
    error instanceof ApiError &&
    error.problems.length > 0 &&
    error.problems.every(({ path }) => path !== undefined && paths.includes(path))
  )
}

/** Returns the consequences of a new number that the server wants confirmed; none for any other refusal. */
export function toConfirm(error: unknown): readonly NumberConsequence[] {
  if (!(error instanceof ApiError) || error.code !== 'number_confirm') return []
  return CONSEQUENCES.filter((one) => error.problems.some(({ code }) => code === one))
}
