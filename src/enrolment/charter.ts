import { createHash } from 'node:crypto'
import type { Tx } from '../platform/db.ts'
import readyMade from './charter.fr.json' with { type: 'json' }

export interface Charter {
  readonly version: number
  readonly text: string
  /** Of the text in UTF-8, in hexadecimal. */
  readonly sha256: string
}

/** The charter that comes with the program, for a scheme that has none of its own. */
export function readyMadeCharter(names: { readonly scheme: string; readonly chamber: string }): string {
  return readyMade.paragraphs
    .map((paragraph) =>
      paragraph.replaceAll('{dispositif}', names.scheme).replaceAll('{chambre}', names.chamber),
    )
    .join('\n\n')
}

/** A charter as it is kept: paragraphs with one empty line between them, and no spaces that nobody sees. */
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

/** The charter to sign now: the last version; the ready-made one becomes the first when there is none. */
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
  const text = readyMadeCharter(names)
  const first = { version: 1, text, sha256: hashOfCharter(text) }
  await tx
    .insertInto('charters')
    .values({ schemeId, ...first, publishedAt: now })
    // Two who read it first at once.
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return (await last()) ?? first
}
