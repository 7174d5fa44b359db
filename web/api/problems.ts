import { ApiError } from './client.ts'

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
export function toConfirm(error: unknown): readonly string[] {
  return error instanceof ApiError && error.code === 'number_confirm'
    ? error.problems.map(({ code }) => code)
    : []
}
