import { appendFile, readFile } from 'node:fs/promises'
import type { Db } from '../../platform/db.ts'
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
 * Keeps a file outside the database with every anchor, a line of JSON each, and those that got a timestamp once more with it.
 * Only lines are added, so that the file can lie on storage that refuses other changes; what it missed while it could not be
 * written is added later.
 */
export function createAnchorFile(path: string): { add(db: Db): Promise<void> } {
  let written: { readonly last: number; readonly lastStamped: number } | undefined
  return {
    async add(db) {
      written ??= positionOf(await readAnchorFile(path))
      let lines = ''
      let { last, lastStamped } = written
      for await (const anchor of eachAnchor(db, last)) {
        lines += `${formatAnchor({ ...anchor, timestamp: null })}\n`
        last = anchor.n
      }
      for await (const anchor of eachAnchor(db, lastStamped, 'stamped')) {
        lines += `${formatAnchor(anchor)}\n`
        lastStamped = anchor.n
      }
      if (lines === '') return
      await appendFile(path, lines, { mode: 0o600, flush: true })
      written = { last, lastStamped }
    },
  }
}

function positionOf(anchors: readonly Anchor[]): { readonly last: number; readonly lastStamped: number } {
  return { last: lastNumber(anchors), lastStamped: lastNumber(anchors.filter(({ timestamp }) => timestamp)) }
}
