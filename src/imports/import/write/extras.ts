import { insertNotes } from '../../../members/notes/store.ts'
import { addTagsAndCharters, findTags, insertTag } from '../../../members/tags/store.ts'
import type { Tx } from '../../../platform/db.ts'
import type { RowExtras } from './plan.ts'
import type { ImportAuthor } from './write.ts'

/** Writes what rows add beside the fields of businesses: charters on paper, tags, which are created, and notes. */
export async function writeExtras(
  tx: Tx,
  schemeId: string,
  extras: readonly RowExtras[],
  change: {
    readonly id: string
    readonly at: Date
    readonly author: ImportAuthor
    readonly newId: () => string
  },
): Promise<void> {
  if (extras.length === 0) return
  const ids = await idsOfNames(tx, schemeId, extras, change)
  const rows = extras.map(({ memberId, charterOn, tags }) => ({
    memberId,
    charterOn,
    tags: tags.flatMap((name) => ids.get(name.toLowerCase()) ?? []),
  }))
  await addTagsAndCharters(tx, schemeId, rows)
  const author = { author: change.author.by, authorName: change.author.byName }
  await insertNotes(
    tx,
    extras.flatMap(({ memberId, notes }) =>
      notes.map((text) => ({
        ...{ schemeId, memberId, id: change.newId(), text, writtenAt: change.at, ...author },
        ...{ editedAt: null, removedAt: null, changeId: change.id },
      })),
    ),
  )
}

/** Returns the ids of the tags by their names in lower case; those that do not exist are created. */
async function idsOfNames(
  tx: Tx,
  schemeId: string,
  extras: readonly RowExtras[],
  { at, newId }: { readonly at: Date; readonly newId: () => string },
): Promise<ReadonlyMap<string, string>> {
  // As the first row writes them.
  const names = new Map(
    extras
      .flatMap(({ tags }) => tags)
      .toReversed()
      .map((name) => [name.toLowerCase(), name]),
  )
  if (names.size === 0) return new Map()
  const known = (await findTags(tx, schemeId)).filter(({ removedAt }) => removedAt === null)
  const ids = new Map(known.map(({ id, name }) => [name.toLowerCase(), id]))
  for (const [key, name] of names) {
    if (ids.has(key)) continue
    const id = newId()
    await insertTag(tx, { schemeId, id, name, createdAt: at, removedAt: null })
    ids.set(key, id)
  }
  return ids
}
