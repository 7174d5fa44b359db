import { parseArgs } from 'node:util'
import type { WelcomeChannel } from '../changes/welcome.ts'
import { formatMessage } from '../i18n/format.ts'
import { importMembers } from '../imports/import/import.ts'
import { type Answer, isQuestion } from '../imports/import/match.ts'
import type { ImportRemark, ImportReport } from '../members/contract.ts'
import type { Actor } from '../permissions.ts'
import { type CommandIo, dataCommand } from './command.ts'

const actor: Actor = { kind: 'system', name: 'cli' }

interface Call {
  readonly file: string
  readonly scheme: string
  readonly dryRun: boolean
  /** Prints one object in place of sentences; dry runs only. */
  readonly json: boolean
  readonly skipBad: boolean
  readonly samePhone: Answer | undefined
  readonly leaving: number
  readonly welcome: WelcomeChannel | undefined
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
        'same-phone': { type: 'string' },
        leaving: { type: 'string', default: '0' },
        welcome: { type: 'string' },
      },
    })
    const [verb, file, ...rest] = positionals
    const samePhone = values['same-phone']
    const isAnswer = samePhone === undefined || samePhone === 'same' || samePhone === 'other'
    const { welcome } = values
    const isChannel = welcome === undefined || welcome === 'sms' || welcome === 'mail'
    const isCall = verb === 'import' && file !== undefined && rest.length === 0
    const { scheme, json, 'dry-run': dryRun, 'skip-bad': skipBad } = values
    const isOutput = !json || dryRun
    if (
      isCall &&
      scheme !== undefined &&
      isAnswer &&
      isChannel &&
      isOutput &&
      /^\d{1,6}$/.test(values.leaving)
    ) {
      const leaving = Number(values.leaving)
      return { file, scheme, dryRun, json, skipBad, samePhone, leaving, welcome }
    }
  } catch {
    // The usage line says everything that the error of parseArgs would.
  }
  return undefined
}

/** Maximum number of warnings printed; problems are all printed, since each must be corrected. */
const WARNINGS_SHOWN = 20

/** `tocsin members import FILE.csv --scheme CODE [--dry-run [--json]] [--skip-bad] [--same-phone same|other] [--leaving N]
 * [--welcome sms|mail]`. */
export const membersCommand = dataCommand({
  usage: (lang) => formatMessage(lang, 'cli.members.usage'),
  parse: parseCall,
  files: (call) => [call.file],
  reads: ({ dryRun }) => dryRun,
  async run(deps, call, files, io) {
    const bytes = files.get(call.file) ?? new Uint8Array()
    const report = await importMembers(deps, actor, call.scheme, bytes, {
      dryRun: call.dryRun,
      skipBad: call.skipBad,
      samePhone: call.samePhone,
      leaving: call.leaving,
      welcome: call.welcome,
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
    const { rows, created, updated, unchanged, skipped, leaving, undecided } = report
    if (undecided > 0) io.stderr(`${formatMessage(io.lang, 'cli.members.undecided', { count: undecided })}\n`)
    if (leaving > 0) io.stderr(`${formatMessage(io.lang, 'cli.members.leaving', { count: leaving })}\n`)
    const key = `cli.members.${report.outcome}`
    io.stdout(`${formatMessage(io.lang, key, { rows, created, updated, unchanged, skipped })}\n`)
    return report.outcome === 'refused' || (report.outcome === 'checked' && skipped > 0 && !call.skipBad)
      ? 1
      : 0
  },
})

interface CheckSummary {
  readonly rows: number
  /** Rows that an import would write or find unchanged. */
  readonly ready: number
  /** Rows of which every problem has proposals, or is a question. */
  readonly toDecide: number
  readonly refused: number
  /** Whether `problems` lists only the first ones of a very long list. */
  readonly isTruncated: boolean
  readonly problems: readonly {
    /** Line of the file. */
    readonly row: number
    readonly code: string
    readonly value: string | null
    /** Texts that may be written in the cell; for a question, the values of --same-phone. */
    readonly proposals: readonly string[]
  }[]
}

function summarizeCheck({ rows, skipped, problems, ...of }: ImportReport): CheckSummary {
  const toDecide = of.toDecide ?? 0
  const listed = problems.map((one) => ({
    row: one.line,
    code: one.code,
    value: one.value,
    proposals: proposalsOf(one),
  }))
  const isTruncated = of.problemCount > problems.length
  return { rows, ready: rows - skipped, toDecide, refused: skipped - toDecide, isTruncated, problems: listed }
}

function proposalsOf(remark: ImportRemark): string[] {
  const { proposals = [] } = remark
  if (isQuestion(remark)) return proposals.length > 1 ? ['other'] : ['same', 'other']
  const names = proposals.map(({ name }) => name)
  return proposals.map((one) =>
    names.filter((name) => name === one.name).length === 1 ? one.name : `${one.name} (${one.code})`,
  )
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
