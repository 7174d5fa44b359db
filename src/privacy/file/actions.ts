import { recordAudit } from '../../audit/record.ts'
import { AppError } from '../../errors.ts'
import type { Lang } from '../../i18n/format.ts'
import { recordMemberAccess } from '../../members/accesses.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { acrossSchemes, inScheme } from '../../platform/db.ts'
import { findTimeZone } from '../../platform/time-zone.ts'
import { listOwnTrades } from '../../schemes/store.ts'
import { readAloneLine } from '../../settings/alone.ts'
import { renderPdf } from '../documents/pdf.ts'
import { getPrivacyFacts, type RetentionDeps } from '../retention/actions.ts'
import { type PersonFile, writeFile } from './paper.ts'
import type { Row } from './section.ts'
import { SECTIONS } from './sections.ts'
import { findSubject } from './subject.ts'

/**
 * Collects what the chamber holds of the person of a request, and records it in the audit log. What the forces hold of a call to 17 is
 * not in it: the chamber has no access to it.
 * @throws AppError `not_found`: no such request, or its member was erased
 */
async function collectFile(
  deps: RetentionDeps,
  actor: Actor,
  schemeId: string,
  { id, format, lang }: { readonly id: string; readonly format: 'json' | 'pdf'; readonly lang: Lang },
): Promise<PersonFile> {
  authorize(actor, 'request.manage', schemeId)
  const facts = await getPrivacyFacts(deps, schemeId)
  const file = await inScheme(deps.db, schemeId, async (tx) => {
    const request = await tx
      .selectFrom('dataRequests as r')
      .leftJoin('members as m', (join) =>
        join.onRef('m.schemeId', '=', 'r.schemeId').onRef('m.id', '=', 'r.memberId'),
      )
      .select(['r.memberId', 'r.person', 'r.erased', 'm.erasedAt'])
      .select(({ cast }) => [
        cast<string>('r.receivedOn', 'text').as('receivedOn'),
        cast<string>('r.dueOn', 'text').as('dueOn'),
      ])
      .where('r.schemeId', '=', schemeId)
      .where('r.id', '=', id)
      .executeTakeFirst()
    if (request === undefined || request.erasedAt !== null) throw new AppError('not_found')
    const { memberId, person, receivedOn, dueOn } = request
    const subject = await findSubject(tx, schemeId, { memberId, person })
    const data: Record<string, readonly Row[]> = {}
    for (const { name, read, isOfNoScheme } of SECTIONS)
      if (isOfNoScheme !== true) data[name] = await read(tx, subject)
    const now = deps.now()
    await recordMemberAccess(tx, actor, schemeId, { what: 'request', memberIds: subject.memberIds, now })
    await recordAudit(tx, schemeId, now, {
      actor: actorName(actor),
      action: 'request.file',
      subject: `request:${id}`,
      details: { format, ...(memberId === null ? {} : { member: memberId }) },
    })
    return {
      takenAt: now,
      timeZone: await findTimeZone(tx, schemeId),
      ownTrades: await listOwnTrades(tx, schemeId),
      facts,
      request: { person, receivedOn, dueOn },
      subject,
      data,
      alone: await readAloneLine(tx, schemeId, lang),
    }
  })
  const { subject } = file
  const ofNoScheme = await acrossSchemes(deps.db, async (tx) => {
    const data: Record<string, readonly Row[]> = {}
    for (const { name, read, isOfNoScheme } of SECTIONS)
      if (isOfNoScheme === true) data[name] = await read(tx, { ...subject, ...subject.held })
    return data
  })
  return { ...file, data: { ...file.data, ...ofNoScheme } }
}

/** Returns the file of the person of a request as JSON, with what is not in it in words. @throws as `collectFile` */
export async function getFileJson(
  deps: RetentionDeps,
  actor: Actor,
  schemeId: string,
  { id, lang }: { readonly id: string; readonly lang: Lang },
): Promise<string> {
  const file = await collectFile(deps, actor, schemeId, { id, format: 'json', lang })
  const { takenAt, timeZone, facts, request, data } = file
  const { intro } = writeFile(file, lang)
  const { name: scheme, chamber, contact } = facts
  return `${JSON.stringify({ scheme, chamber, contact, takenAt, timeZone, request, about: intro, data }, null, 2)}\n`
}

/** Returns the file of the person of a request as a PDF for reading. @throws as `collectFile` */
export async function getFilePdf(
  deps: RetentionDeps,
  actor: Actor,
  schemeId: string,
  { id, lang }: { readonly id: string; readonly lang: Lang },
): Promise<Buffer> {
  const file = await collectFile(deps, actor, schemeId, { id, format: 'pdf', lang })
  return renderPdf(writeFile(file, lang).document)
}
