import { parseArgs } from 'node:util'
import { z } from 'zod'
import type { WelcomeChannel } from '../../changes/welcome.ts'
import { Day, HandWay } from '../../dues/contract.ts'
import { formatMessage } from '../../i18n/format.ts'
import { ImportQuery } from '../../imports/contract.ts'
import { type ImportOptions, importMembers } from '../../imports/import/import.ts'
import type { Answer } from '../../imports/import/match/match.ts'
import { countCharters, summarizeCheck } from '../../imports/import/summary.ts'
import type { ImportRemark, ImportReport } from '../../members/contract.ts'
import { inEuros } from '../../message/money.ts'
import type { Actor } from '../../permissions.ts'
import { type CommandIo, dataCommand } from '../command.ts'

const actor: Actor = { kind: 'system', name: 'cli' }

interface Call {
  readonly file: string
  readonly scheme: string
  readonly dryRun: boolean
  /** Prints one object in place of sentences; dry runs only. */
  readonly json: boolean
  /** Expects rows that are not ready: they do not change the exit code. */
  readonly skipBad: boolean
  /** Writes nothing while a row is not ready. */
  readonly wholeOnly: boolean
  readonly samePhone: Answer | undefined
  readonly leaving: number
  readonly welcome: WelcomeChannel | undefined
  readonly payments: ImportOptions['payments']
  readonly duesYear: number | undefined
  readonly charterOn: string | undefined
}

/** @returns undefined when the call is malformed */
function parseCall(args: readonly string[]): Call | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        scheme: { type: 'string' },
        'dry-run': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        'skip-bad': { type: 'boolean', default: false },
        'all-or-nothing': { type: 'boolean', default: false },
        'same-phone': { type: 'string' },
        leaving: { type: 'string', default: '0' },
        welcome: { type: 'string' },
        payments: { type: 'string' },
        'paid-on': { type: 'string' },
        'dues-year': { type: 'string' },
        'charter-on': { type: 'string' },
      },
    })
    const [verb, file, ...rest] = positionals
    if (verb !== 'import' || file === undefined || rest.length > 0) return undefined
    const options = Options.safeParse(values)
    return options.success ? { file, ...toCall(options.data) } : undefined
  } catch {
    // The usage line says everything that the error of parseArgs would.
    return undefined
  }
}

/** The options of the command, as typed. */
const Options = z
  .object({
    scheme: z.string(),
    'dry-run': z.boolean(),
    json: z.boolean(),
    'skip-bad': z.boolean(),
    'all-or-nothing': z.boolean(),
    'same-phone': z.enum(['same', 'other']).optional(),
    leaving: z.string().regex(/^\d{1,6}$/),
    welcome: z.enum(['sms', 'mail']).optional(),
    payments: HandWay.optional(),
    'paid-on': Day.optional(),
    'dues-year': z
      .string()
      .regex(/^(?:20\d\d)?$/)
      .optional(),
    'charter-on': ImportQuery.shape.charterOn,
  })
  .refine((one) => !one.json || one['dry-run'])
  .refine((one) => !(one['skip-bad'] && one['all-or-nothing']))
  .refine((one) => one.payments !== undefined || one['paid-on'] === undefined)

function toCall(options: z.infer<typeof Options>): Omit<Call, 'file'> {
  const { scheme, json, welcome, payments: way } = options
  const year = options['dues-year'] ?? ''
  return {
    scheme,
    dryRun: options['dry-run'],
    json,
    skipBad: options['skip-bad'],
    wholeOnly: options['all-or-nothing'],
    samePhone: options['same-phone'],
    leaving: Number(options.leaving),
    welcome,
    payments: way && { way, receivedOn: options['paid-on'] },
    duesYear: year === '' ? undefined : Number(year),
    charterOn: options['charter-on'],
  }
}

/** Maximum number of warnings printed; problems are all printed, since each must be corrected. */
const WARNINGS_SHOWN = 20

/** `tocsin members import FILE.csv --scheme CODE [--dry-run [--json]] [--skip-bad | --all-or-nothing] [--same-phone same|other]
 * [--leaving N] [--welcome sms|mail] [--charter-on DAY|joined] [--dues-year YEAR] [--payments transfer|cheque|cash [--paid-on DAY]]`. The exit code is 1 if
 * rows were left out. */
export const membersCommand = dataCommand({
  usage: (lang) => formatMessage(lang, 'cli.members.usage'),
  parse: parseCall,
  files: (call) => [call.file],
  reads: ({ dryRun }) => dryRun,
  async run(deps, call, files, io) {
    const bytes = files.get(call.file) ?? new Uint8Array()
    const report = await importMembers(deps, actor, call.scheme, bytes, {
      dryRun: call.dryRun,
      skipBad: !call.wholeOnly,
      samePhone: call.samePhone,
      leaving: call.leaving,
      welcome: call.welcome,
      payments: call.payments,
      duesYear: call.duesYear,
      charterOn: call.charterOn,
      fileName: call.file.split(/[\\/]/).at(-1) ?? call.file,
      onProgress: (phase, done, total) =>
        io.progress(formatMessage(io.lang, `cli.members.${phase}`), done, total),
    })
    if (call.json) {
      io.stdout(`${JSON.stringify(summarizeCheck(report), null, 2)}\n`)
      return report.skipped > 0 && !call.skipBad ? 1 : 0
    }
    for (const remark of report.problems) io.stderr(describeRemark(io, remark))
    if (report.problemCount > report.problems.length) {
      io.stderr(
        `${formatMessage(io.lang, 'cli.members.more', { count: report.problemCount - report.problems.length })}\n`,
      )
    }
    if (report.warnings.length > 0)
      io.stderr(`${formatMessage(io.lang, 'cli.members.warnings', { count: report.warningCount })}\n`)
    for (const remark of report.warnings.slice(0, WARNINGS_SHOWN)) io.stderr(describeRemark(io, remark))
    if (report.warningCount > WARNINGS_SHOWN) {
      io.stderr(
        `${formatMessage(io.lang, 'cli.members.more', { count: report.warningCount - WARNINGS_SHOWN })}\n`,
      )
    }
    const { rows, created, updated, unchanged, skipped, leaving, undecided, paid } = report
    if (undecided > 0) io.stderr(`${formatMessage(io.lang, 'cli.members.undecided', { count: undecided })}\n`)
    if (leaving > 0) io.stderr(`${formatMessage(io.lang, 'cli.members.leaving', { count: leaving })}\n`)
    const key = `cli.members.${report.outcome}`
    io.stdout(`${formatMessage(io.lang, key, { rows, created, updated, unchanged, skipped })}\n`)
    if (paid !== undefined) io.stdout(`${describePaid(io, paid)}\n`)
    const charters = countCharters(report)
    if (charters !== undefined) io.stdout(`${formatMessage(io.lang, 'cli.members.charters', charters)}\n`)
    return skipped > 0 && !call.skipBad ? 1 : 0
  },
})

/** Says how many payments the list brings, or brought. */
function describePaid(io: CommandIo, paid: NonNullable<ImportReport['paid']>): string {
  const { written, due, dueCents, known, leftOut } = paid
  const [count, cents] = written === null ? [due, dueCents] : [written.payments, written.amountCents]
  const values = { count, amount: inEuros(cents), known, leftOut }
  return formatMessage(io.lang, written === null ? 'cli.members.paid' : 'cli.members.paid.written', values)
}

/** Formats a remark as "Ligne 12   SIRET  « 123 » : 14 chiffres attendus. → Corrigez…" in the reader's language. */
function describeRemark(io: CommandIo, remark: ImportRemark): string {
  const place = formatMessage(io.lang, 'cli.members.line', { line: String(remark.line) })
  const value =
    remark.value === null ? '' : formatMessage(io.lang, 'cli.members.value', { value: remark.value })
  const reason = formatMessage(io.lang, remark.code, remark.values)
  const hintKey = `${remark.code}.hint`
  const hint = formatMessage(io.lang, hintKey, remark.values)
  const advice = hint === hintKey || hint === '' ? '' : `\n${' '.repeat(14)}→ ${hint}`
  return `${place.padEnd(13)} ${(remark.column ?? '').padEnd(16)} ${value}${reason}${advice}\n`
}
