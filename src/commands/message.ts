import { parseArgs } from 'node:util'
import type { GuardInput, GuardLevel, Remark } from '../guard/guard.ts'
import { type Lang, say } from '../i18n/say.ts'
import { type Segmentation, segmentMessage } from '../message/segment.ts'
import type { CommandIo } from './command.ts'

/** A replaced character as an operator can read it: by name or code when it has no ink. */
function show(lang: Lang, character: string): string {
  if (character === '') return say(lang, 'cli.message.removed')
  if (/[\p{L}\p{N}\p{P}\p{S}]/u.test(character) && !/[\p{Z}\p{C}]/u.test(character)) return character
  const codes = [...character].map(
    (c) => `U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
  )
  return character === ' ' ? say(lang, 'cli.message.space') : codes.join(' ')
}

function describe(lang: Lang, { encoding, parts, units, unitsLeft, replaced }: Segmentation): string {
  const lines = [
    say(lang, 'cli.message.encoding', { encoding }),
    say(lang, 'cli.message.parts', { parts: parts.length }),
    say(lang, 'cli.message.units', { units, left: unitsLeft }),
    ...parts.map((part, i) => `${say(lang, 'cli.message.part', { number: i + 1 })}${part}`),
  ]
  if (replaced.length > 0) {
    const changes = replaced.map(({ from, to, count }) => {
      const times = count > 1 ? ` (${say(lang, 'cli.message.times', { count })})` : ''
      return `${show(lang, from)} → ${show(lang, to)}${times}`
    })
    lines.push(`${say(lang, 'cli.message.replaced')}${changes.join(', ')}`)
  }
  return `${lines.join('\n')}\n`
}

/** How the command is called. */
export interface MessageCall {
  readonly text: string
  readonly json: boolean
  readonly fold: boolean
  /** Of the guard; absent: the text is not read over. */
  readonly level: GuardLevel | undefined
  readonly scheme: string | undefined
  /** When the facts were, ISO 8601, for the guard; absent: not known. */
  readonly occurredAt: string | undefined
}

// Written out, so that a call without a level need not load the guard.
const LEVELS: readonly GuardLevel[] = ['prevention', 'established', 'precise']

/** With its offset: an hour without one would be that of the machine. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/

/** @returns the key of what is wrong, or `help`, in place of the call. */
export function parseMessageCall(
  args: readonly string[],
): MessageCall | 'help' | `cli.message.${'option' | 'missing' | 'several' | 'level' | 'occurredAt'}` {
  let parsed: {
    values: {
      json: boolean
      fold: boolean
      help: boolean
      level?: string
      scheme?: string
      'occurred-at'?: string
    }
    positionals: string[]
  }
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      allowNegative: true,
      options: {
        json: { type: 'boolean', default: false },
        fold: { type: 'boolean', default: true },
        help: { type: 'boolean', short: 'h', default: false },
        level: { type: 'string' },
        scheme: { type: 'string' },
        'occurred-at': { type: 'string' },
      },
    })
  } catch {
    return 'cli.message.option'
  }
  const { values, positionals } = parsed
  if (values.help) return 'help'
  const [text] = positionals
  if (text === undefined) return 'cli.message.missing'
  if (positionals.length > 1) return 'cli.message.several'
  const level = LEVELS.find((one) => one === values.level)
  if (values.level !== undefined && level === undefined) return 'cli.message.level'
  const { json, fold, scheme, 'occurred-at': occurredAt } = values
  if (occurredAt !== undefined && !INSTANT.test(occurredAt)) return 'cli.message.occurredAt'
  if (occurredAt !== undefined && Number.isNaN(Date.parse(occurredAt))) return 'cli.message.occurredAt'
  return { text, json, fold, level, scheme, occurredAt }
}

/** Whether the call needs the data of a scheme: then `schemeMessageCommand` answers it. */
export function namesScheme(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return args
    .slice(0, end < 0 ? undefined : end)
    .some((one) => one === '--scheme' || one.startsWith('--scheme='))
}

function describeRemarks(lang: Lang, level: GuardLevel, text: string, remarks: readonly Remark[]): string {
  const levelName = (name: GuardLevel) => say(lang, `guard.level.${name}`)
  if (remarks.length === 0) return `${say(lang, 'cli.message.clean', { level: levelName(level) })}\n`
  const lines = [say(lang, 'cli.message.remarks', { level: levelName(level), count: remarks.length })]
  for (const { code, start, end, severity, allowedFrom, fix } of remarks) {
    const where = end === 0 ? say(lang, 'cli.message.whole') : JSON.stringify(text.slice(start, end))
    lines.push(`${severity === 'block' ? '✗' : '!'} ${where}`, `  ${say(lang, `guard.${code}`)}`)
    if (allowedFrom !== null)
      lines.push(`  ${say(lang, 'cli.message.allowed', { level: levelName(allowedFrom) })}`)
    if (fix !== null)
      lines.push(`  → ${say(lang, 'cli.message.fix', { fix: say(lang, fix.label) })}${fix.text}`)
  }
  return `${lines.join('\n')}\n`
}

/** Prints how the text will be sent and, where a level is given, what the guard remarks on it. */
export async function printMessage(
  io: Pick<CommandIo, 'lang' | 'stdout'>,
  { text, json, fold, level, occurredAt }: MessageCall,
  facts: Partial<GuardInput> = {},
): Promise<void> {
  const segmentation = segmentMessage(text, { fold })
  if (level === undefined) {
    io.stdout(json ? `${JSON.stringify(segmentation)}\n` : describe(io.lang, segmentation))
    return
  }
  const { guardText } = await import('../guard/guard.ts')
  const remarks = guardText({ ...facts, text, level, ...(occurredAt !== undefined && { occurredAt }) })
  io.stdout(
    json
      ? `${JSON.stringify({ ...segmentation, remarks })}\n`
      : describe(io.lang, segmentation) + describeRemarks(io.lang, level, text, remarks),
  )
}

/**
 * `tocsin message "text" [--json] [--no-fold] [--level LEVEL] [--occurred-at INSTANT]`: shows how a text will be sent, and what the content
 * guard remarks on it. Folds unless told not to, since that is what a broadcast does. Returns the exit status: 0,
 * remarks or not, or 2 for a usage error.
 */
export async function messageCommand(
  args: string[],
  io: Pick<CommandIo, 'lang' | 'stdout' | 'stderr'>,
): Promise<number> {
  const usage = say(io.lang, 'cli.message.usage')
  const call = parseMessageCall(args)
  if (call === 'help') {
    io.stdout(usage)
    return 0
  }
  if (typeof call === 'string') {
    io.stderr(`${say(io.lang, call)}\n${usage}`)
    return 2
  }
  await printMessage(io, call)
  return 0
}
