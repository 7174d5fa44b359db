import { parseArgs } from 'node:util'
import { type ComposedLine, composeLine } from '../../alerts/compose/line.ts'
import { AppError, type Problem } from '../../errors.ts'
import { formatMessage, type Lang } from '../../i18n/format.ts'
import { instantOfField, toFieldValue } from '../../message/clock.ts'
import type { Actor } from '../../permissions.ts'
import { dataCommand } from '../command.ts'

const actor: Actor = { kind: 'system', name: 'cli' }

interface ComposeCall {
  readonly scheme: string
  readonly line: string
  /** Time of the call, as typed; undefined: now. */
  readonly at: string | undefined
  readonly json: boolean
}

const LOCAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?$/
/** Far more than anybody types during a call. */
const LINE_MAX = 1000
const BAD_TIME: Problem = { code: 'input.format', path: 'at', values: { format: '2026-11-28T02:10' } }
const WITH_OFFSET = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/

/**
 * @returns undefined when the call is malformed
 * @throws AppError `invalid_input` with every problem of its values
 */
function parseCompose(args: readonly string[]): ComposeCall | undefined {
  const values = readOptions(args)
  if (!values?.scheme || values.line === undefined) return undefined
  const { scheme, line, at, json } = values
  const problems: Problem[] = []
  if (line.trim() === '') problems.push({ code: 'input.required', path: 'line' })
  if (line.length > LINE_MAX)
    problems.push({ code: 'input.too_long', path: 'line', values: { maximum: LINE_MAX } })
  if (at !== undefined && instantOf(at, 'UTC') === undefined) problems.push(BAD_TIME)
  if (problems.length > 0) throw new AppError('invalid_input', { problems })
  return { scheme, line, at, json }
}

function readOptions(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        scheme: { type: 'string' },
        line: { type: 'string' },
        at: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    }).values
  } catch {
    return undefined
  }
}

/**
 * Reads a time; one without an offset is the local time of the scheme, and the second of two when the clock goes back.
 * @returns undefined when there is no such day or hour
 */
function instantOf(at: string, timeZone: string): number | undefined {
  const day = at.slice(0, 10)
  const instant = WITH_OFFSET.test(at)
    ? Date.parse(at)
    : LOCAL.test(at)
      ? (instantOfField(at.slice(0, 16), timeZone) ?? Number.NaN)
      : Number.NaN
  // "2026-02-30" is read as a day of March.
  if (Number.isNaN(instant) || !new Date(`${day}T00:00Z`).toISOString().startsWith(day)) return undefined
  const isSkipped = LOCAL.test(at) && toFieldValue(instant, timeZone) !== at.slice(0, 16)
  return isSkipped ? undefined : instant
}

/** Writes an instant in a time zone with its offset: "2026-11-28T02:05:00+01:00". */
function withOffset(at: number, timeZone: string): string {
  const local = toFieldValue(at, timeZone)
  const minutes = Math.round((Date.parse(`${local}Z`) - Math.floor(at / 60_000) * 60_000) / 60_000)
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  const size = Math.abs(minutes)
  const seconds = two((at / 1000) % 60)
  return `${local}:${seconds}${minutes < 0 ? '-' : '+'}${two(size / 60)}:${two(size % 60)}`
}

/**
 * `tocsin compose --scheme CODE --line "…" [--at TIME] [--json]`: shows what is understood of a line typed during a call, and
 * the alert that the room would propose for it. Writes nothing.
 */
export const composeCommand = dataCommand({
  usage: (lang) => formatMessage(lang, 'cli.compose.usage'),
  parse: parseCompose,
  reads: () => true,
  async run(deps, call, _files, io) {
    const composed = await composeLine(deps, actor, {
      schemeId: call.scheme,
      line: call.line,
      at: (timeZone) => {
        const at = call.at === undefined ? deps.now().getTime() : instantOf(call.at, timeZone)
        if (at === undefined) throw new AppError('invalid_input', { problems: [BAD_TIME] })
        return at
      },
    })
    io.stdout(call.json ? `${JSON.stringify(composedViewOf(composed))}\n` : describe(io.lang, composed))
    return 0
  },
})

function composedViewOf({ understood, scheme, occurredAt, level, needs, area, text, parts }: ComposedLine) {
  return {
    category: understood.categoryCode,
    communeCode: understood.commune?.code ?? null,
    place: understood.place,
    occurredAt: withOffset(occurredAt, scheme.timeZone),
    facts: understood.facts,
    level,
    needs,
    area: area === null ? null : { kind: area.area.kind, words: area.words },
    text,
    parts,
    unknown: understood.unknown,
  }
}

function describe(lang: Lang, composed: ComposedLine): string {
  const { understood, scheme, occurredAt, level, needs, area, text, parts } = composed
  const none = formatMessage(lang, 'cli.compose.none')
  const category = scheme.categories.find(({ code }) => code === understood.categoryCode)
  const commune = understood.commune
  const rows: [key: string, value: string][] = [
    ['category', category === undefined ? '' : lang === 'fr' ? category.labelFr : category.labelEn],
    ['commune', commune === null ? '' : `${commune.formerName ?? commune.name} (${commune.code})`],
    ['place', understood.place],
    ['time', withOffset(occurredAt, scheme.timeZone).slice(0, 16).replace('T', ' ')],
    ['facts', understood.facts],
    ['unknown', understood.unknown.join(', ')],
    ['level', formatMessage(lang, `guard.level.${level}`)],
    ['area', area?.words ?? ''],
    ['needs', needs.map((need) => formatMessage(lang, `cli.compose.need.${need}`)).join(', ')],
    ['text', text],
    ['parts', String(parts)],
  ]
  const labels = rows.map(([key]) => formatMessage(lang, `cli.compose.${key}`))
  const width = Math.max(...labels.map((label) => label.length))
  return `${rows.map(([, value], no) => `${(labels[no] ?? '').padEnd(width)} : ${value || none}`).join('\n')}\n`
}
