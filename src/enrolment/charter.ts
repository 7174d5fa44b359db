import { createHash } from 'node:crypto'
import type { Tx } from '../platform/db.ts'
import readyMade from './charter.fr.json' with { type: 'json' }

export interface Charter {
  readonly version: number
  readonly text: string
  /** SHA-256 of the text in UTF-8, in hexadecimal. */
  readonly sha256: string
}

/** Returns the built-in charter, for a scheme without one of its own. */
export function builtInCharter(names: { readonly scheme: string; readonly chamber: string }): string {
  return readyMade.paragraphs
    .map((paragraph) =>
      paragraph.replaceAll('{dispositif}', names.scheme).replaceAll('{chambre}', names.chamber),
    )
    .join('\n\n')
}

/** Normalises a charter for storage: paragraphs separated by one empty line, no invisible spaces. */
export function tidyCharter(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[^\S\n]+$/gm, '')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
}

export function hashOfCharter(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Returns the charter to sign now: the latest version. If there is none, the built-in one becomes version 1. */
export async function currentCharter(
  tx: Tx,
  schemeId: string,
  names: { readonly scheme: string; readonly chamber: string },
  now: Date,
): Promise<Charter> {
  const last = () =>
    tx
      .selectFrom('charters')
      .select(['version', 'text', 'sha256'])
      .where('schemeId', '=', schemeId)
      .orderBy('version', 'desc')
      .limit(1)
      .executeTakeFirst()
  const known = await last()
  if (known !== undefined) return known
  const text = builtInCharter(names)
  const first = { version: 1, text, sha256: hashOfCharter(text) }
  await tx
    .insertInto('charters')
    .values({ schemeId, ...first, publishedAt: now })
    // Two first readers may insert it at the same time.
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return (await last()) ?? first
}
