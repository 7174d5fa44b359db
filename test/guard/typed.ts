import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RemarkCode } from '../../src/guard/guard.ts'
import type { Example } from './measure.ts'

/** Share of the sentences by which rules may be corrected, out of 256. */
const TUNING = 77

/** Reads a line: the level, then the sentence, with `[code|words]` around the words to remark. */
function readLine(line: string): Example {
  const at = line.indexOf(' ')
  const words: Partial<Record<RemarkCode, string[]>> = {}
  const text = line
    .slice(at + 1)
    .replaceAll(/\[(\w+)\|([^\]]*)\]/g, (_, code: RemarkCode, marked: string) => {
      words[code] = [...(words[code] ?? []), marked]
      return marked
    })
  return { set: isForTuning(text) ? 'tuning' : 'held', level: line.slice(0, at), text, words }
}

/** Splits by a hash of the sentence, so that nobody chooses which side it is on. */
function isForTuning(text: string): boolean {
  return createHash('sha256').update(text).digest()[0]! < TUNING
}

/** Sentences as operators type them: `held` ones measure the guard, `tuning` ones may correct it. */
export const typed: readonly Example[] = readFileSync(join(import.meta.dirname, 'typed.txt'), 'utf8')
  .trimEnd()
  .split('\n')
  .map(readLine)
