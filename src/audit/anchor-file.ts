import { appendFile, readFile } from 'node:fs/promises'
import type { Db } from '../platform/db.ts'
import { type Anchor, eachAnchor, formatAnchor, lastNumber, parseAnchors } from './anchors.ts'

/** Reads the anchors of a file; a file that does not exist has none. */
export async function readAnchorFile(path: string): Promise<Anchor[]> {
  try {
    return parseAnchors(await readFile(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/**
 * Keeps a file outside the database with every anchor, a line of JSON each. Only lines are added, so that the file can lie on
 * storage that refuses other changes; what it missed while it could not be written is added later.
 */
export function createAnchorFile(path: string): { add(db: Db): Promise<void> } {
  let written: number | undefined
  return {
    async add(db) {
      written ??= lastNumber(await readAnchorFile(path))
      let lines = ''
      let last = written
      for await (const anchor of eachAnchor(db, written)) {
        lines += `${formatAnchor(anchor)}\n`
        last = anchor.n
      }
      if (lines === '') return
      await appendFile(path, lines, { mode: 0o600, flush: true })
      written = last
    },
  }
}
