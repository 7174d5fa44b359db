import { sql } from 'kysely'
import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError, type Problem, refusalOf } from '../errors.ts'
import { hasSignedCurrentOnPaper } from '../members/filters.ts'
import { type Actor, actorName, authorize } from '../permissions.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import { findSchemeWithChamber } from '../schemes/store.ts'
import { currentCharter, hashOfCharter, tidyCharter } from './charter.ts'
import type { CharterList, CharterText, CharterVersion, NewCharter } from './contract.ts'

/** A shorter text was pasted by mistake: it cannot be the charter. */
const LEAST_CHARACTERS = 100

/**
 * Lists the charter in force and all earlier versions, with their numbers of signatures.
 * @throws AppError `unknown_scheme`
 */
export async function listCharters(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
): Promise<CharterList> {
  authorize(actor, 'enrolment.settings', schemeId)
  return inScheme(deps.db, schemeId, (tx) => readCharters(tx, schemeId, deps.now()))
}

/**
 * Returns the text of one version, as it was signed.
 * @throws AppError `not_found`
 */
export async function getCharter(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  version: number,
): Promise<CharterText> {
  authorize(actor, 'enrolment.settings', schemeId)
  const charter = await inScheme(deps.db, schemeId, (tx) =>
    tx
      .selectFrom('charters')
      .select(['version', 'text', 'sha256'])
      .where('schemeId', '=', schemeId)
      .where('version', '=', version)
      .executeTakeFirst(),
  )
  if (charter === undefined) throw new AppError('not_found')
  return charter
}

/**
 * Publishes a new version. Earlier signatures stay valid, each for its own text; new applicants sign this version, and
 * applicants in the middle of joining must read it first.
 * @throws AppError `unknown_scheme`, `settings_changed` if another version was published since this one was written,
 * `charter.short`, `charter.same`
 */
export async function publishCharter(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  { version: basis, text: written }: NewCharter,
): Promise<CharterList> {
  authorize(actor, 'charter.publish', schemeId)
  const now = deps.now()
  const text = tidyCharter(written)
  return inScheme(deps.db, schemeId, async (tx) => {
    const { text: inForce } = await readCharters(tx, schemeId, now)
    const problems: Problem[] = []
    if (text.length < LEAST_CHARACTERS) {
      problems.push({ code: 'charter.short', path: 'text', values: { minimum: LEAST_CHARACTERS } })
    } else if (text === inForce) problems.push({ code: 'charter.same', path: 'text' })
    if (problems.length > 0) throw refusalOf(problems)
    const sha256 = hashOfCharter(text)
    // Inserts only if the expected version is still the latest; of two concurrent calls the first succeeds.
    const published = await sql<{ version: number }>`
      insert into charters (scheme_id, version, text, sha256, published_at, published_by)
      select ${schemeId}, ${basis + 1}, ${text}, ${sha256}, ${now},
        ${actor.kind === 'user' ? actor.name : actorName(actor)}
      where ${basis} = (select max(version) from charters where scheme_id = ${schemeId})
      on conflict do nothing
      returning version`.execute(tx)
    const version = published.rows[0]?.version
    if (version === undefined) throw new AppError('settings_changed')
    await recordAudit(tx, schemeId, now, {
      actor: actorName(actor),
      action: 'charter.publish',
      subject: `scheme:${schemeId}`,
      details: { version, sha256 },
    })
    return readCharters(tx, schemeId, now)
  })
}

async function readCharters(tx: Tx, schemeId: string, now: Date): Promise<CharterList> {
  const scheme = await findSchemeWithChamber(tx, schemeId)
  if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  const { text } = await currentCharter(tx, schemeId, { scheme: scheme.name, chamber: scheme.chamber }, now)
  const { rows } = await sql<Omit<CharterVersion, 'publishedAt'> & { publishedAt: Date }>`
    select c.version, c.sha256, c.published_at, c.published_by,
      (select count(*)::int from charter_signatures s
        where s.scheme_id = c.scheme_id and s.version = c.version) as signatures,
      (select count(*)::int from (
          select distinct on (s.member_id)
            case when ${hasSignedCurrentOnPaper(schemeId, sql`m.charter_on`)}
              then (select max(version) from charters where scheme_id = ${schemeId}) else s.version end as version
          from charter_signatures s
          join members m on m.scheme_id = s.scheme_id and m.id = s.member_id and m.status <> 'left'
          where s.scheme_id = c.scheme_id
          order by s.member_id, s.version desc, s.signed_at desc) last
        where last.version = c.version) as members
    from charters c where c.scheme_id = ${schemeId} order by c.version desc`.execute(tx)
  return { text, versions: rows.map((row) => ({ ...row, publishedAt: row.publishedAt.toISOString() })) }
}
