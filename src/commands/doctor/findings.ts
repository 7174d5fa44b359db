import { z } from 'zod'
import type { AppError } from '../../errors.ts'
import { formatError, formatMessage, type Lang, type MessageValues } from '../../i18n/format.ts'
import { HOUR_MS } from '../../message/clock.ts'

/** `ok`: nothing to do. `warning`: to do soon. `error`: alerts or data are at risk now. */
export const LEVELS = ['error', 'warning', 'ok'] as const
export type Level = (typeof LEVELS)[number]

/** One finding of `tocsin doctor`, in the language of the caller. */
export const Finding = z.object({
  /** A stable name, for programs. */
  code: z.string().min(1),
  level: z.enum(LEVELS),
  what: z.string().min(1),
  /** Empty when there is nothing to do. */
  do: z.string(),
})
export type Finding = z.infer<typeof Finding>

/** A list of findings under construction. */
export interface Findings {
  readonly list: readonly Finding[]
  /** Adds a finding whose words are the messages `doctor.CODE` and `doctor.CODE.do`. */
  add(level: Level, code: string, values?: MessageValues): void
  /** Adds a refusal of the program, with its own words and hint. */
  addError(level: Level, error: AppError): void
  /** Adds a finding whose words exist already. */
  addWords(finding: Finding): void
}

export function createFindings(lang: Lang): Findings {
  const list: Finding[] = []
  const adviceOf = (key: string, values?: MessageValues) => {
    const text = formatMessage(lang, key, values)
    return text === key ? '' : text
  }
  return {
    list,
    add(level, code, values) {
      const what = formatMessage(lang, `doctor.${code}`, values)
      list.push({ code, level, what, do: level === 'ok' ? '' : adviceOf(`doctor.${code}.do`, values) })
    },
    addError(level, error) {
      const advice =
        adviceOf(`doctor.${error.code}.do`, error.values) ||
        adviceOf(`error.${error.code}.hint`, error.values)
      list.push({ code: error.code, level, what: formatError(lang, error), do: advice })
    },
    addWords(finding) {
      list.push(finding)
    },
  }
}

/** Returns the exit code of `tocsin doctor`: 0 fine, 1 warnings, 2 errors. */
export function exitCodeOf(findings: readonly Finding[]): 0 | 1 | 2 {
  if (findings.some(({ level }) => level === 'error')) return 2
  return findings.some(({ level }) => level === 'warning') ? 1 : 0
}

/** Adds how old the last backup is, compared with the hours between two. */
export function addBackupAge(found: Findings, last: Date | undefined, now: Date, hours: number): void {
  if (last === undefined) {
    found.add('warning', 'backup_none')
    return
  }
  const age = Math.max(0, Math.round((now.getTime() - last.getTime()) / HOUR_MS))
  if (age <= hours * 1.5 + 1) found.add('ok', 'backup', { age })
  else found.add(age > hours * 4 ? 'error' : 'warning', 'backup_old', { age, hours })
}
