import { z } from 'zod'
import type { Problem } from '../errors.ts'

/** Environment variables, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The values of settings, by their environment names. */
export type ValuesOf<S extends Readonly<Record<string, { readonly schema: z.ZodType }>>> = {
  readonly [K in keyof S]: z.infer<S[K]['schema']>
}

/** Reads true, false, 1 or 0. */
export const bool = z
  .enum(['true', 'false', '1', '0'])
  .transform((value) => value === 'true' || value === '1')
/** Reads the number of a port; 0: any free one. */
export const port = z.coerce.number().int().min(0).max(65535)

/** A setting as a problem shows it. */
export interface ShownSetting {
  /** The name by which its value was given: its own, or that of its file. */
  readonly name: string
  readonly meaning: string
  readonly meaningFr: string
}

/** Returns the problem of a setting that is missing or has a wrong value. */
export function problemOf(
  code: 'config.value' | 'config.required',
  { name, meaning, meaningFr }: ShownSetting,
): Problem {
  return { code, path: name, values: { name, meaning, meaningFr } }
}
