import { parseArgs } from 'node:util'
import { answerDeliveries, type DeliveryAnswer, type DeliveryQuestion } from '../../alerts/compose/explain.ts'
import {
  type DeliveryExplanation,
  DeliveryStateName,
  type DeliveryStep,
  type Progress,
} from '../../deliveries/contract.ts'
import { formatMessage } from '../../i18n/format.ts'
import { parsePhone } from '../../members/rules.ts'
import { findTimeZone } from '../../platform/database/time-zone.ts'
import { acrossSchemes } from '../../platform/db.ts'
import { type CommandIo, dataCommand } from '../command.ts'
import { formatInstant, formatTable } from '../table.ts'

const actor = { kind: 'system', name: 'cli' } as const

/** Maximum number of messages listed. */
const SHOWN = 20

type Call = Omit<DeliveryQuestion, 'limit'> & { readonly json: boolean }

/** @returns undefined when the call is malformed */
function parseCall(args: readonly string[]): Call | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        alert: { type: 'string' },
        scheme: { type: 'string' },
        no: { type: 'string' },
        phone: { type: 'string' },
        state: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    })
    const { alert, scheme: schemeId, json } = values
    const state = values.state === undefined ? undefined : DeliveryStateName.safeParse(values.state).data
    const phone = values.phone === undefined ? undefined : readPhoneOption(values.phone)
    const no = values.no === undefined ? undefined : parseNo(values.no)
    const isMisread = (['state', 'phone', 'no'] as const).some(
      (name) => values[name] !== undefined && { state, phone, no }[name] === undefined,
    )
    const filterCount = [state, phone, no].filter((one) => one !== undefined).length
    if (alert === undefined || alert === '' || isMisread || filterCount > 1) return undefined
    return { alert, schemeId, no, phone, state, json }
  } catch {
    // The usage line says everything that the error of parseArgs would.
    return undefined
  }
}

function readPhoneOption(text: string): string | undefined {
  const parsed = parsePhone(text)
  return 'value' in parsed ? parsed.value.e164 : undefined
}

function parseNo(text: string): number | undefined {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined
}

/**
 * `tocsin deliveries --alert REFERENCE|ID …`: prints the states of the messages of an alert, or every step of one
 * message. Exits with 0 when a message matches, else 1.
 */
export const deliveriesCommand = dataCommand({
  usage: (lang) => formatMessage(lang, 'cli.deliveries.usage'),
  parse: parseCall,
  reads: () => true,
  async run(deps, { json, ...question }, _files, io) {
    const answer = await answerDeliveries(deps, actor, { ...question, limit: SHOWN }, io.lang)
    if (json) io.stdout(`${JSON.stringify(answer)}\n`)
    else
      printDeliveries(
        { ...io, timeZone: await acrossSchemes(deps.db, (tx) => findTimeZone(tx, answer.schemeId)) },
        answer,
      )
    return answer.total > 0 ? 0 : 1
  },
})

/** The hours of an alert are those of its scheme. */
type ZonedIo = CommandIo & { readonly timeZone: string }

function printDeliveries(io: ZonedIo, answer: DeliveryAnswer): void {
  const t = (key: string, values?: Record<string, string | number>) => formatMessage(io.lang, key, values)
  const { reference, schemeId: scheme, progress } = answer
  if (progress === null) {
    io.stdout(`${t('cli.deliveries.draft', { reference, scheme })}\n`)
    return
  }
  io.stdout(`${t('cli.deliveries.alert', { reference, scheme, planned: progress.planned })}\n`)
  io.stdout(`${describeCounts(io, progress)}\n`)
  if (answer.total === 0) io.stdout(`${t('cli.deliveries.none')}\n`)
  if (answer.isForgotten) io.stdout(`${t('deliveries.forgotten')}\n`)
  for (const explanation of answer.explanations) io.stdout(`\n${describeDelivery(io, explanation)}`)
  if (answer.deliveries.length === 0) return
  const titles = ['no', 'phone', 'state', 'attempts', 'settled_at', 'error'] as const
  io.stdout(
    `\n${formatTable(
      titles.map((title) => t(`export.${title}`)),
      answer.deliveries.map((row) => {
        const at = row.settledAt ?? row.acceptedAt
        return [
          String(row.no),
          row.phone,
          t(`delivery.state.${row.state}`),
          String(row.attempts),
          at === null ? '–' : formatInstant(io.lang, at, io.timeZone),
          [row.error, row.possibleDuplicate ? t('cli.deliveries.duplicate') : null]
            .filter((text) => text !== null)
            .join(' · '),
        ]
      }),
    )}`,
  )
  const left = answer.total - answer.deliveries.length
  io.stdout(`${left > 0 ? t('cli.deliveries.more', { count: left }) : t('cli.deliveries.each')}\n`)
}

/** Formats counts as "198 remis · 10 acceptés · 5 en doute", without states that have none. */
function describeCounts(io: CommandIo, progress: Progress): string {
  const counts = [
    ['delivered', progress.delivered],
    ['accepted', progress.accepted],
    ['planned', progress.waiting],
    ['in_doubt', progress.inDoubt],
    ['failed', progress.failed],
    ['expired', progress.expired],
    ['withdrawn', progress.withdrawn],
  ] as const
  const parts = counts
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${formatMessage(io.lang, `delivery.state.${state}`)} ${count}`)
  if (progress.possibleDuplicates > 0)
    parts.push(formatMessage(io.lang, 'cli.deliveries.duplicates', { count: progress.possibleDuplicates }))
  return parts.join(' · ')
}

function describeDelivery(io: ZonedIo, { delivery, steps }: DeliveryExplanation): string {
  const t = (key: string, values?: Record<string, string | number>) => formatMessage(io.lang, key, values)
  const facts = [
    `${delivery.member.name} (${delivery.commune.name})`,
    delivery.phone,
    t('cli.deliveries.attempts', { count: delivery.attempts }),
    ...(delivery.possibleDuplicate ? [t('cli.deliveries.duplicate')] : []),
  ]
  const state = t(`delivery.state.${delivery.state}`)
  const isRefusal = ({ kind }: DeliveryStep) => kind === 'refused' || delivery.acceptedAt === null
  const route = Math.max(...steps.map((step) => step.route?.length ?? 0))
  const width = Math.max(...steps.map((step) => formatStepTime(io, step).length))
  const lines = steps.map((step) =>
    [
      `  ${formatStepTime(io, step).padEnd(width)}`,
      ...(route > 0 ? [(step.route ?? '').padEnd(route)] : []),
      [step.text, ...describeCodes(io, step, isRefusal(step))].join(' '),
    ].join('  '),
  )
  return `${t('cli.deliveries.one', { no: String(delivery.no), state })} ${facts.join(' · ')}\n${lines.join('\n')}\n`
}

function formatStepTime(io: ZonedIo, step: DeliveryStep): string {
  return step.at === null ? '–' : formatInstant(io.lang, step.at, io.timeZone)
}

/** Formats the codes that a provider's support asks for: "[code 0x58]", "[identifiants 1A2B, 1A2C]". */
function describeCodes(io: CommandIo, { code, messageIds }: DeliveryStep, isRefusal: boolean): string[] {
  const marks: string[] = []
  if (code !== null) {
    // Providers write codes of refusals in hexadecimal; networks write codes of failures in decimal.
    const shown = isRefusal ? `0x${code.toString(16).toUpperCase().padStart(2, '0')}` : String(code)
    marks.push(`[${formatMessage(io.lang, 'cli.deliveries.code', { code: shown })}]`)
  }
  if (messageIds.length > 0) {
    const values = { count: messageIds.length, ids: messageIds.join(', ') }
    marks.push(`[${formatMessage(io.lang, 'cli.deliveries.ids', values)}]`)
  }
  return marks
}
