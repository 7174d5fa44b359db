import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** Says that the database of a directory was moved elsewhere, where it is written to since. */
const Moved = z.object({
  /** Without a password. */
  to: z.string(),
  at: z.iso.datetime(),
})
type Moved = z.infer<typeof Moved>

/** Returns the file that marks a directory as moved; deleting it undoes the move. */
export const markOf = (directory: string) => join(directory, 'moved.json')

/** Marks a directory, so that no process starts on it by mistake. */
export function markMoved(directory: string, moved: Moved): void {
  writeFileSync(markOf(directory), `${JSON.stringify(moved)}\n`, { mode: 0o600 })
}

/** Returns where the database of a directory was moved to; undefined: it was not. */
export function findMoved(directory: string): string | undefined {
  let text: string
  try {
    text = readFileSync(markOf(directory), 'utf8')
  } catch {
    return undefined
  }
  try {
    return Moved.parse(JSON.parse(text)).to
  } catch {
    // A mark that was cut off is one.
    return '?'
  }
}
