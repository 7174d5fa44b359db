import type { Problem } from '../errors.ts'

/** One issue of Zod, whoever hands it over. */
export interface Issue {
  /** Zod's `code`. */
  readonly code: string
  readonly message?: string
  /** What Zod says beside: `expected`, `maximum`, `keys`… */
  readonly params: Readonly<Record<string, unknown>>
}

/**
 * What an issue of Zod says to people: a text of the message files and its values.
 * @param path of the value: people read euros where the program counts cents
 */
export function wordsOfIssue(
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
      if (isMoney) return { code: 'input.too_dear', values: { maximum: Number(params.maximum) / 100 } }
      const code = origin === 'string' ? 'input.too_long' : isList ? 'input.too_many' : 'input.too_big'
      return { code, values: { maximum: Number(params.maximum) } }
    }
    case 'too_small': {
      if (isMoney) return { code: 'input.too_cheap', values: { minimum: Number(params.minimum) / 100 } }
      const least = params.inclusive === false ? 'input.not_above' : 'input.too_small'
      const code = origin === 'string' ? 'input.too_short' : isList ? 'input.too_few' : least
      return { code, values: { minimum: Number(params.minimum) } }
    }
    case 'invalid_format':
      // A pattern means nothing to people.
      if (params.format === 'regex') return { code: 'input.invalid' }
      return { code: 'input.format', values: { format: String(params.format) } }
    case 'invalid_value':
      return { code: 'input.choice', values: { choices: (params.values as unknown[]).join(', ') } }
    case 'unrecognized_keys':
      return { code: 'input.unknown_field', values: { keys: namesOf(params.keys as string[]) } }
    case 'invalid_union':
      return wordsOfUnion(params.errors as readonly ZodIssue[][] | undefined)
    default:
      return { code: 'input.invalid' }
  }
}

/** An issue of Zod inside one of a union. */
interface ZodIssue {
  readonly code: string
  readonly keys?: readonly string[]
}

/** A value that one shape of a union would fit but for keys that it does not name has those keys to be told. */
function wordsOfUnion(errors: readonly ZodIssue[][] = []): Pick<Problem, 'code' | 'values'> {
  const near = errors.find((issues) => issues.every(({ code }) => code === 'unrecognized_keys'))
  const keys = near?.flatMap((issue) => issue.keys ?? []) ?? []
  if (keys.length === 0) return { code: 'input.invalid' }
  return { code: 'input.unknown_field', values: { keys: namesOf(keys) } }
}

const MOST_KEYS = 20
const LONGEST_KEY = 60

/** Names as an answer quotes them: so many, and so long, that what was sent is not all sent back. */
function namesOf(keys: readonly string[]): string {
  const names = keys
    .slice(0, MOST_KEYS)
    .map((key) => (key.length > LONGEST_KEY ? `${key.slice(0, LONGEST_KEY)}…` : key))
  return [...names, ...(keys.length > MOST_KEYS ? ['…'] : [])].join(', ')
}
