import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem } from '../../errors.ts'
import { memberScopeOf } from '../../members/actions.ts'
import { cleanLine } from '../../members/rules.ts'
import { lockMemberList, lockMemberWrites, splitIntoChunks } from '../../members/store.ts'
import {
  countTags,
  findTags,
  insertTag,
  listMembersWithTag,
  markTagRemoved,
  renameTag,
  writeTags,
} from '../../members/tags/store.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import type { ChangeView } from '../contract.ts'
import { openChange } from '../record.ts'
import { findMemberChange, toChangeView } from '../store.ts'
import {
  MAX_TAG_NAME,
  MAX_TAGS,
  type MemberTagGone,
  type MemberTagMerge,
  type MemberTagName,
  type MemberTags,
} from './contract.ts'

type TagDeps = Pick<Deps, 'db' | 'now' | 'newId'>

/** Lists the tags of a scheme; a trade chamber counts members of its trades only. */
export async function listTags(deps: Pick<Deps, 'db'>, actor: Actor, schemeId: string): Promise<MemberTags> {
  const only = memberScopeOf(authorize(actor, 'member.tags', schemeId))
  return inScheme(deps.db, schemeId, async (tx) => ({ tags: await countTags(tx, schemeId, only) }))
}

/**
 * Creates a tag under an id that the client chose, or renames one. A tag that was removed is created again.
 * @throws AppError `invalid_input`: no name, one too long, one that another tag has, or a tag too many; `forbidden` for a trade chamber
 * that renames
 */
export async function saveTag(
  deps: TagDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  input: MemberTagName,
): Promise<MemberTags> {
  const only = memberScopeOf(authorize(actor, 'member.tags', schemeId))
  // A cell of a list separates tags by these signs.
  const name = cleanLine(input.name.replace(/[,;/|]/g, ' '))
  return inScheme(deps.db, schemeId, async (tx) => {
    await lockMemberList(tx, schemeId)
    const tags = await findTags(tx, schemeId)
    const known = tags.find((tag) => tag.id === id)
    if (known?.name === name && known.removedAt === null) return { tags: await countTags(tx, schemeId, only) }
    const isNew = known === undefined || known.removedAt !== null
    if (!isNew) authorize(actor, 'tag.manage', schemeId)
    const others = tags.filter((tag) => tag.removedAt === null && tag.id !== id)
    const problem = nameProblem(name, others)
    if (problem !== undefined) throw new AppError('invalid_input', { problems: [problem] })
    const at = deps.now()
    if (known === undefined) await insertTag(tx, { schemeId, id, name, createdAt: at, removedAt: null })
    else await renameTag(tx, schemeId, id, name)
    await recordAudit(tx, schemeId, at, {
      actor: actorName(actor),
      action: isNew ? 'tag.create' : 'tag.rename',
      subject: `tag:${id}`,
    })
    return { tags: await countTags(tx, schemeId, only) }
  })
}

function nameProblem(name: string, others: readonly { readonly name: string }[]): Problem | undefined {
  const path = 'name'
  if (name === '') return { code: 'input.required', path }
  if (name.length > MAX_TAG_NAME) return { code: 'input.too_long', path, values: { maximum: MAX_TAG_NAME } }
  if (others.some((tag) => tag.name.toLowerCase() === name.toLowerCase()))
    return { code: 'tag.name_taken', path }
  if (others.length >= MAX_TAGS) return { code: 'tag.too_many', path, values: { limit: MAX_TAGS } }
  return undefined
}

/**
 * Removes a tag and takes it off its members, as a change that can be undone for a day; the undo restores the tag.
 * @throws AppError `not_found`; `import_running`, `undo_running`
 */
export async function removeTag(
  deps: TagDeps,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<MemberTagGone> {
  return endTag(deps, actor, schemeId, id, undefined)
}

/** Gives the members of a tag another one in its place, and removes it; undone as `removeTag`. @throws AppError as `removeTag` */
export async function mergeTag(
  deps: TagDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  { into }: MemberTagMerge,
): Promise<MemberTagGone> {
  return endTag(deps, actor, schemeId, id, into)
}

async function endTag(
  deps: TagDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  into: string | undefined,
): Promise<MemberTagGone> {
  const only = memberScopeOf(authorize(actor, 'tag.manage', schemeId))
  return inScheme(deps.db, schemeId, async (tx) => {
    await lockMemberList(tx, schemeId)
    await lockMemberWrites(tx, schemeId)
    const tags = (await findTags(tx, schemeId)).filter((tag) => tag.removedAt === null)
    const gone = tags.find((tag) => tag.id === id)
    const kept = tags.find((tag) => tag.id === into && tag.id !== id)
    if (gone === undefined || (into !== undefined && kept === undefined)) throw new AppError('not_found')
    const memberIds = await listMembersWithTag(tx, schemeId, id)
    const at = deps.now()
    const change =
      memberIds.length === 0 ? null : await replaceTag(tx, deps, actor, schemeId, { memberIds, gone, kept })
    await markTagRemoved(tx, schemeId, id, at)
    await recordAudit(tx, schemeId, at, {
      actor: actorName(actor),
      action: into === undefined ? 'tag.remove' : 'tag.merge',
      subject: `tag:${id}`,
      details: {
        members: memberIds.length,
        ...(into !== undefined && { into }),
        ...(change !== null && { change: change.id }),
      },
    })
    return { tags: await countTags(tx, schemeId, only), change }
  })
}

interface NamedTag {
  readonly id: string
  readonly name: string
}

async function replaceTag(
  tx: Tx,
  deps: TagDeps,
  actor: Actor,
  schemeId: string,
  {
    memberIds,
    gone,
    kept,
  }: { readonly memberIds: readonly string[]; readonly gone: NamedTag; readonly kept: NamedTag | undefined },
): Promise<ChangeView> {
  const added = kept === undefined ? [] : [kept]
  const note = tagNote({ added, removed: [gone] })
  const change = await openChange(tx, deps, schemeId, { kind: 'tags', actor, note })
  await change.before(tx, memberIds)
  for (const part of splitIntoChunks(memberIds))
    await writeTags(tx, schemeId, part, { add: added.map((tag) => tag.id), remove: [gone.id] })
  await change.after(tx, { touched: memberIds, created: [] })
  await change.finish(tx)
  const row = await findMemberChange(tx, schemeId, change.id)
  if (row === undefined) throw new AppError('internal')
  return toChangeView(row, deps.now(), undefined)
}

/** Returns the note of a change of tags: "+ Salon, − Ancien". */
export function tagNote(tags: {
  readonly added: readonly NamedTag[]
  readonly removed: readonly NamedTag[]
}): string {
  return [
    ...tags.added.map(({ name }) => `+\u00a0${name}`),
    ...tags.removed.map(({ name }) => `−\u00a0${name}`),
  ].join(', ')
}
