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
  switch (issue) {
    case 'invalid_type':
      if (message?.endsWith('received undefined')) return { code: 'input.required' }
      if (params.expected === 'Uint8Array') return { code: 'input.file' }
      return { code: 'input.type', values: { expected: String(params.expected) } }
    case 'too_big': {
      const measure = measureOf(params.origin, path)
      return { code: TOO_BIG[measure], values: { maximum: shownBound(params.maximum, measure) } }
    }
    case 'too_small': {
      const measure = measureOf(params.origin, path)
      const isExclusive = measure === 'number' && params.inclusive === false
      const code = isExclusive ? 'input.not_above' : TOO_SMALL[measure]
      return { code, values: { minimum: shownBound(params.minimum, measure) } }
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

/** The quantity that a bound of Zod limits. */
type Measure = 'letters' | 'items' | 'money' | 'number'

const TOO_BIG = {
  letters: 'input.too_long',
  items: 'input.too_many',
  money: 'input.too_dear',
  number: 'input.too_big',
} as const satisfies Record<Measure, Problem['code']>

const TOO_SMALL = {
  letters: 'input.too_short',
  items: 'input.too_few',
  money: 'input.too_cheap',
  number: 'input.too_small',
} as const satisfies Record<Measure, Problem['code']>

function measureOf(origin: unknown, path: string): Measure {
  if (origin === 'string') return 'letters'
  if (origin === 'array' || origin === 'set') return 'items'
  return path.endsWith('Cents') ? 'money' : 'number'
}

const shownBound = (bound: unknown, measure: Measure) =>
  measure === 'money' ? inEuros(Number(bound)) : Number(bound)

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
