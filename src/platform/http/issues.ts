import type { Problem } from '../../errors.ts'
import { inEuros } from '../../message/money.ts'

/** An issue of Zod, from whichever library reports it. */
export interface Issue {
  /** The `code` of the issue in Zod. */
  readonly code: string
  readonly message?: string
  /** Further facts from Zod: `expected`, `maximum`, `keys`… */
  readonly params: Readonly<Record<string, unknown>>
}

/**
 * Returns the message key and values that describe an issue of Zod to people.
 * @param path path of the value, because people read euros where the program counts cents
 */
export function describeIssue(
  { code: issue, params, message }: Issue,
  path = '',
): Pick<Problem, 'code' | 'values'> {
  const { origin } = params
  const isList = origin === 'array' || origin === 'set'
  const isMoney = origin !== 'string' && !isList && path.endsWith('Cents')
  switch (issue) {
    case 'invalid_type':
      if (message?.endsWith('received undefined')) return { code: 'input.required' }
      if (params.expected === 'Uint8Array') return { code: 'input.file' }
      return { code: 'input.type', values: { expected: String(params.expected) } }
    case 'too_big': {
      if (isMoney) return { code: 'input.too_dear', values: { maximum: inEuros(Number(params.maximum)) } }
      const code = origin === 'string' ? 'input.too_long' : isList ? 'input.too_many' : 'input.too_big'
      return { code, values: { maximum: Number(params.maximum) } }
    }
    case 'too_small': {
      if (isMoney) return { code: 'input.too_cheap', values: { minimum: inEuros(Number(params.minimum)) } }
      const least = params.inclusive === false ? 'input.not_above' : 'input.too_small'
      const code = origin === 'string' ? 'input.too_short' : isList ? 'input.too_few' : least
      return { code, values: { minimum: Number(params.minimum) } }
    }
    case 'invalid_format':
      // A regular expression means nothing to people.
      if (params.format === 'regex') return { code: 'input.invalid' }
      return { code: 'input.format', values: { format: String(params.format) } }
    case 'invalid_value':
      return { code: 'input.choice', values: { choices: (params.values as unknown[]).join(', ') } }
    case 'unrecognized_keys':
      return { code: 'input.unknown_field', values: { keys: joinKeyNames(params.keys as string[]) } }
    case 'invalid_union':
      return describeUnion(params.errors as readonly ZodIssue[][] | undefined)
    default:
      return { code: 'input.invalid' }
  }
}

/** An issue of Zod inside a union. */
interface ZodIssue {
  readonly code: string
  readonly keys?: readonly string[]
}

/** When one variant of a union fits except for unknown keys, reports those keys. */
function describeUnion(errors: readonly ZodIssue[][] = []): Pick<Problem, 'code' | 'values'> {
  const near = errors.find((issues) => issues.every(({ code }) => code === 'unrecognized_keys'))
  const keys = near?.flatMap((issue) => issue.keys ?? []) ?? []
  if (keys.length === 0) return { code: 'input.invalid' }
  return { code: 'input.unknown_field', values: { keys: joinKeyNames(keys) } }
}

const MAX_KEYS = 20
const LONGEST_KEY = 60

/** Joins key names for an error message, limited in number and length so that the request is not echoed back. */
function joinKeyNames(keys: readonly string[]): string {
  const names = keys
    .slice(0, MAX_KEYS)
    .map((key) => (key.length > LONGEST_KEY ? `${key.slice(0, LONGEST_KEY)}…` : key))
  return [...names, ...(keys.length > MAX_KEYS ? ['…'] : [])].join(', ')
}
