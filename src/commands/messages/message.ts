import { parseArgs } from 'node:util'
import type { GuardInput, GuardLevel, Remark } from '../../guard/guard.ts'
import { formatMessage, type Lang } from '../../i18n/format.ts'
import { type Segmentation, segmentMessage } from '../../message/segment.ts'
import type { CommandIo } from '../command.ts'

/** Makes a replaced character readable: by name or code when it is invisible. */
function showCharacter(lang: Lang, character: string): string {
  if (character === '') return formatMessage(lang, 'cli.message.removed')
  if (/[\p{L}\p{N}\p{P}\p{S}]/u.test(character) && !/[\p{Z}\p{C}]/u.test(character)) return character
  const codes = [...character].map(
    (c) => `U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
  )
  return character === ' ' ? formatMessage(lang, 'cli.message.space') : codes.join(' ')
}

function describeSegmentation(
  lang: Lang,
  { encoding, parts, units, unitsLeft, replaced }: Segmentation,
): string {
  const lines = [
    formatMessage(lang, 'cli.message.encoding', { encoding }),
    formatMessage(lang, 'cli.message.parts', { parts: parts.length }),
    formatMessage(lang, 'cli.message.units', { units, left: unitsLeft }),
    ...parts.map((part, i) => `${formatMessage(lang, 'cli.message.part', { number: i + 1 })}${part}`),
  ]
  if (replaced.length > 0) {
    const changes = replaced.map(({ from, to, count }) => {
      const times = count > 1 ? ` (${formatMessage(lang, 'cli.message.times', { count })})` : ''
      return `${showCharacter(lang, from)} → ${showCharacter(lang, to)}${times}`
    })
    lines.push(`${formatMessage(lang, 'cli.message.replaced')}${changes.join(', ')}`)
  }
  return `${lines.join('\n')}\n`
}

/** Parsed arguments of the command. */
export interface MessageCall {
  readonly text: string
  readonly json: boolean
  readonly fold: boolean
  /** Level for the guard; undefined: the guard is not run. */
  readonly level: GuardLevel | undefined
  readonly scheme: string | undefined
  /** Time of the facts for the guard, ISO 8601; undefined: unknown. */
  readonly occurredAt: string | undefined
}

// Repeated here so that a call without a level need not load the guard.
const LEVELS: readonly GuardLevel[] = ['prevention', 'established', 'precise']

/** The offset is required: without it the time would depend on the time zone of the machine. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/

/** @returns the parsed call, `help`, or the message key of the error. */
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

/** Returns true when the call needs the data of a scheme; `schemeMessageCommand` then runs it. */
export function hasSchemeOption(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return args
    .slice(0, end < 0 ? undefined : end)
    .some((one) => one === '--scheme' || one.startsWith('--scheme='))
}

function describeRemarks(lang: Lang, level: GuardLevel, text: string, remarks: readonly Remark[]): string {
  const levelName = (name: GuardLevel) => formatMessage(lang, `guard.level.${name}`)
  if (remarks.length === 0)
    return `${formatMessage(lang, 'cli.message.clean', { level: levelName(level) })}\n`
  const lines = [
    formatMessage(lang, 'cli.message.remarks', { level: levelName(level), count: remarks.length }),
  ]
  for (const { code, start, end, severity, allowedFrom, fix } of remarks) {
    const where =
      end === 0 ? formatMessage(lang, 'cli.message.whole') : JSON.stringify(text.slice(start, end))
    lines.push(`${severity === 'block' ? '✗' : '!'} ${where}`, `  ${formatMessage(lang, `guard.${code}`)}`)
    if (allowedFrom !== null)
      lines.push(`  ${formatMessage(lang, 'cli.message.allowed', { level: levelName(allowedFrom) })}`)
    if (fix !== null)
      lines.push(
        `  → ${formatMessage(lang, 'cli.message.fix', { fix: formatMessage(lang, fix.label) })}${fix.text}`,
      )
  }
  return `${lines.join('\n')}\n`
}

/** Prints how the text will be sent and, when a level is given, the remarks of the guard. */
export async function printMessage(
  io: Pick<CommandIo, 'lang' | 'stdout'>,
  { text, json, fold, level, occurredAt }: MessageCall,
  facts: Partial<GuardInput> = {},
): Promise<void> {
  const segmentation = segmentMessage(text, { fold })
  if (level === undefined) {
    io.stdout(json ? `${JSON.stringify(segmentation)}\n` : describeSegmentation(io.lang, segmentation))
    return
  }
  const { guardText } = await import('../../guard/guard.ts')
  const remarks = guardText({ ...facts, text, level, ...(occurredAt !== undefined && { occurredAt }) })
  io.stdout(
    json
      ? `${JSON.stringify({ ...segmentation, remarks })}\n`
      : describeSegmentation(io.lang, segmentation) + describeRemarks(io.lang, level, text, remarks),
  )
}

/**
 * `tocsin message "text" [--json] [--no-fold] [--level LEVEL] [--occurred-at INSTANT]`: shows how a text will be
 * sent, and the remarks of the content guard. Folds characters unless --no-fold is given, since broadcasts do.
 * @returns the exit code: 0 with or without remarks, 2 for a usage error.
 */
export async function messageCommand(
  args: string[],
  io: Pick<CommandIo, 'lang' | 'stdout' | 'stderr'>,
): Promise<number> {
  const usage = formatMessage(io.lang, 'cli.message.usage')
  const call = parseMessageCall(args)
  if (call === 'help') {
    io.stdout(usage)
    return 0
  }
  if (typeof call === 'string') {
    io.stderr(`${formatMessage(io.lang, call)}\n${usage}`)
    return 2
  }
  await printMessage(io, call)
  return 0
}
