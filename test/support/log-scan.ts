import { createLog, type Log } from '../../src/platform/log.ts'

/** What no log line may hold: numbers, mail addresses, people and secrets of the tests, session tokens, and one-time codes. */
const SECRETS: Readonly<Record<string, RegExp>> = {
  'a phone number': /(?<!\d)(?:\+|00)?33\s?[67](?:[\s.]?\d{2}){4}(?!\d)|(?<!\d)0[67](?:[\s.]?\d{2}){4}(?!\d)/,
  'a mail address': /[\w.+-]+@[\w-]+\.[a-z]{2,}/i,
  'a name': /\b(?:Anne Roy|Camille|Paul Durand|Zoé|Quincampoix|Luc Vial)\b/,
  'a session': /tocsin\.(?:session_token|portal|portal-device|enrolment|device)=/,
  'a secret': /s{20}|s3cret|guess guess|not the password|sk_live/,
  'a one-time code': /"(?:code|digits)":\s*"?\d{6}\b/,
}

/** Returns what a log line holds that it must not; undefined when it is clean. */
export function secretIn(line: string): string | undefined {
  return Object.entries(SECRETS).find(([, pattern]) => pattern.test(line))?.[0]
}

export interface ScannedLog {
  readonly log: Log
  /** The lines that hold what they must not, each with what it is. */
  readonly leaks: readonly string[]
  readonly lines: readonly string[]
}

/** Makes a log with the redaction of the program that writes every level nowhere, and keeps the lines that give somebody away. */
export function createScannedLog(): ScannedLog {
  const leaks: string[] = []
  const lines: string[] = []
  const log = createLog('trace', {
    write(line: string) {
      lines.push(line)
      const secret = secretIn(line)
      if (secret !== undefined) leaks.push(`${secret}: ${line.trim()}`)
    },
  })
  return { log, leaks, lines }
}
