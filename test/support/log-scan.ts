import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { createLog, type Log } from '../../src/platform/telemetry/log.ts'

/**
 * Data that no log line may contain: numbers, mail addresses, people and secrets of the tests, session tokens, and one-time
 * codes.
 */
const SECRETS: Readonly<Record<string, RegExp>> = {
  'a phone number':
    /(?<![\da-f])(?:\+|00)?33\s?[67](?:[\s.]?\d{2}){4}(?!\d)|(?<![\da-f])0[67](?:[\s.]?\d{2}){4}(?!\d)/i,
  'a mail address': /[\w.+-]+@[\w-]+\.[a-z]{2,}/i,
  'a name': /\b(?:Anne Roy|Camille|Paul Durand|Zoé|Quincampoix|Luc Vial)\b/,
  'an account number': /\bFR\d{2}(?: ?[0-9A-Z]{4}){5} ?[0-9A-Z]{3}\b/,
  'a session': /tocsin\.(?:session_token|portal|portal-device|enrolment|device)=/,
  'a secret': /s{20}|s3cret|guess guess|not the password|sk_live/,
  'a password of the database': /postgres(?:ql)?:\/\/[^\s:@/]+:[^\s@/]+@/,
  'a one-time code': /"(?:code|digits)":\s*"?\d{6}\b/,
}

/** Ids contain digits by chance. */
const IDS = /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/gi

/** Returns what a log line holds that it must not; undefined when it is clean. */
export function secretIn(line: string): string | undefined {
  const text = line.replace(IDS, '')
  return Object.entries(SECRETS).find(([, pattern]) => pattern.test(text))?.[0]
}

/** The leaks of the test file that runs: `log-scan-hooks.ts` fails it. */
const found: string[] = []
let running = ''

/** Names the test that runs, for the leaks that are found from now on; empty between tests. */
export function noteRunningTest(name: string): void {
  running = name
}

/** Returns the leaks that were found since the last call, each with its source and the test that ran. */
export function takeLeaks(): string[] {
  return found.splice(0)
}

/** Keeps a line that gives somebody away, to fail the file of the test that runs. */
function scanLine(line: string, source: string): void {
  const secret = secretIn(line)
  if (secret !== undefined) found.push(`${secret}, in ${source}, during “${running}”: ${line.trim()}`)
}

/**
 * Scans what a program writes until it ends.
 * @param isForPeople true: what the program prints was asked for by its caller, so only the lines of its log are scanned
 */
export function scanOutput(output: Readable, source: string, isForPeople = false): void {
  createInterface({ input: output }).on('line', (line) => {
    if (!isForPeople || isLogLine(line)) scanLine(line, source)
  })
}

/** Scans the lines of a log in what a command wrote. */
export function scanLogLines(text: string, source: string): void {
  for (const line of text.split('\n')) if (isLogLine(line)) scanLine(line, source)
}

function isLogLine(line: string): boolean {
  return line.startsWith('{"level":')
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

/**
 * Makes the log of what a test runs in its own process: it writes every level nowhere, and a line that gives somebody away fails
 * the file of the test. In a benchmark it is silent.
 */
export function createTestLog(): Log {
  if (process.env.VITEST === undefined) return createLog('silent')
  return createLog('trace', { write: (line: string) => scanLine(line, 'the process of the test') })
}
