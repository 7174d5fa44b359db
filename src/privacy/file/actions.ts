import { sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import { AppError } from '../../errors.ts'
import type { Lang } from '../../i18n/format.ts'
import { recordMemberAccess } from '../../members/accesses.ts'
import { memberScopeOf } from '../../members/actions.ts'
import { isWithinTrades, type MemberScope } from '../../members/filters.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { findTimeZone } from '../../platform/database/time-zone.ts'
import { acrossSchemes, inScheme, type Tx } from '../../platform/db.ts'
import { listOwnTrades } from '../../schemes/store.ts'
import { readAloneLine } from '../../settings/alone.ts'
import { renderPdf } from '../documents/pdf.ts'
import { getPrivacyFacts, type RetentionDeps } from '../retention/actions.ts'
import { type PersonFile, writeFile } from './paper.ts'
import type { Row } from './section.ts'
import { sectionsFor } from './sections.ts'
import { findSubject } from './subject.ts'

/** The subject of the file: the person of a request, or a member who asks its trade chamber. */
type FileOf = { readonly request: string } | { readonly member: string }

/**
 * Collects what the chamber holds of a person, and records it in the audit log. What the forces hold of a call to 17 is
 * not in it: the chamber has no access to it.
 * @throws AppError `not_found`: no such request or member, its member was erased, or is of another trade than the user's
 */
async function collectFile(
  deps: RetentionDeps,
  actor: Actor,
  schemeId: string,
  { of, format, lang }: { readonly of: FileOf; readonly format: 'json' | 'pdf'; readonly lang: Lang },
): Promise<PersonFile> {
  const only = memberScopeOf(authorize(actor, 'request' in of ? 'request.manage' : 'member.file', schemeId))
  const facts = await getPrivacyFacts(deps, schemeId)
  const file = await inScheme(deps.db, schemeId, async (tx) => {
    const request = 'request' in of ? await findRequest(tx, schemeId, of.request) : null
    const memberId =
      'request' in of ? (request?.memberId ?? null) : await findMemberOf(tx, schemeId, of.member, only)
    const subject = await findSubject(tx, schemeId, { memberId, person: request?.person ?? '' }, only)
    const data: Record<string, readonly Row[]> = {}
    for (const { name, read, isOfNoScheme } of sectionsFor(subject))
      if (isOfNoScheme !== true) data[name] = await read(tx, subject)
    const now = deps.now()
    await recordMemberAccess(tx, actor, schemeId, { what: 'request', memberIds: subject.memberIds, now })
    await recordAudit(tx, schemeId, now, {
      actor: actorName(actor),
      action: 'request.file',
      subject: 'request' in of ? `request:${of.request}` : `member:${of.member}`,
      details: { format, ...(memberId === null ? {} : { member: memberId }) },
    })
    return {
      takenAt: now,
      timeZone: await findTimeZone(tx, schemeId),
      ownTrades: await listOwnTrades(tx, schemeId),
      facts,
      request,
      subject,
      data,
      alone: await readAloneLine(tx, schemeId, lang),
    }
  })
  const { subject } = file
  const ofNoScheme = await acrossSchemes(deps.db, async (tx) => {
    const data: Record<string, readonly Row[]> = {}
    for (const { name, read, isOfNoScheme } of sectionsFor(subject))
      if (isOfNoScheme === true) data[name] = await read(tx, { ...subject, ...subject.held })
    return data
  })
  return { ...file, data: { ...file.data, ...ofNoScheme } }
}

/** Finds a request about data. @throws AppError `not_found`, also where its member was erased */
async function findRequest(tx: Tx, schemeId: string, id: string) {
  const request = await tx
    .selectFrom('dataRequests as r')
    .leftJoin('members as m', (join) =>
      join.onRef('m.schemeId', '=', 'r.schemeId').onRef('m.id', '=', 'r.memberId'),
    )
    .select(['r.memberId', 'r.person', 'm.erasedAt'])
    .select(({ cast }) => [
      cast<string>('r.receivedOn', 'text').as('receivedOn'),
      cast<string>('r.dueOn', 'text').as('dueOn'),
    ])
    .where('r.schemeId', '=', schemeId)
    .where('r.id', '=', id)
    .executeTakeFirst()
  if (request === undefined || request.erasedAt !== null) throw new AppError('not_found')
  return request
}

/** Finds a member that the user may see. @throws AppError `not_found` */
async function findMemberOf(tx: Tx, schemeId: string, id: string, only: MemberScope): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    select m.id from members m where m.scheme_id = ${schemeId} and m.id = ${id}::uuid and m.erased_at is null
      and m.merged_into is null and ${isWithinTrades(only)}`.execute(tx)
  if (rows[0] === undefined) throw new AppError('not_found')
  return rows[0].id
}

const pickAsked = ({ person, receivedOn, dueOn }: NonNullable<PersonFile['request']>) => ({
  person,
  receivedOn,
  dueOn,
})

/** Returns the file of a person as JSON, with what is not in it in words. @throws as `collectFile` */
export async function getFileJson(
  deps: RetentionDeps,
  actor: Actor,
  schemeId: string,
  { of, lang }: { readonly of: FileOf; readonly lang: Lang },
): Promise<string> {
  const file = await collectFile(deps, actor, schemeId, { of, format: 'json', lang })
  const { takenAt, timeZone, facts, data } = file
  const request = file.request && pickAsked(file.request)
  const { intro } = writeFile(file, lang)
  const { name: scheme, chamber, contact } = facts
  return `${JSON.stringify({ scheme, chamber, contact, takenAt, timeZone, request, about: intro, data }, null, 2)}\n`
}

/** Returns the file of a person as a PDF for reading. @throws as `collectFile` */
export async function getFilePdf(
  deps: RetentionDeps,
  actor: Actor,
  schemeId: string,
  { of, lang }: { readonly of: FileOf; readonly lang: Lang },
): Promise<Buffer> {
  const file = await collectFile(deps, actor, schemeId, { of, format: 'pdf', lang })
  return renderPdf(writeFile(file, lang).document)
}
