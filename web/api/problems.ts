import type { NumberConsequence } from '../../src/members/numbers/contract.ts'
import { ApiError } from './client.ts'

const CONSEQUENCES: readonly NumberConsequence[] = [
  'number.last_mobile',
  'number.of_member',
  'number.foreign',
]

/** What the server refused about a field, for the field to show; undefined: nothing. */
export function problemAt(error: unknown, path: string): string | undefined {
  if (!(error instanceof ApiError)) return undefined
  const own = error.problems.filter((problem) => problem.path === path)
  return own.length === 0 ? undefined : own.map(({ message }) => message).join(' ')
}

/** A refusal that no field shows. */
export function isAboutFields(error: unknown, paths: readonly string[]): boolean {
  return (
    error instanceof ApiError &&
    error.problems.length > 0 &&
    error.problems.every(({ path }) => path !== undefined && paths.includes(path))
  )
}

/** The consequences of a new number that the server asks to confirm; none where it refused something else. */
export function toConfirm(error: unknown): readonly NumberConsequence[] {
  if (!(error instanceof ApiError) || error.code !== 'number_confirm') return []
  return CONSEQUENCES.filter((one) => error.problems.some(({ code }) => code === one))
}
