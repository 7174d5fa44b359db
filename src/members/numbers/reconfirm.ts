import { sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { fillText } from '../../i18n/fill.ts'
import { hashToken } from '../../identity/tokens.ts'
import { DAY_MS, HOUR_MS } from '../../message/clock.ts'
import { writeSms } from '../../outbox/actions.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { publicAddress } from '../../platform/address.ts'
import { findTimeZone, timeZoneSql } from '../../platform/database/time-zone.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { type Changes, withChanges } from '../../platform/http/bodies.ts'
import { acceptedHmacsOf } from '../../platform/process/secrets.ts'
import { NumberSettings, ServiceTexts } from '../../schemes/contract.ts'
import { ASKING_HOURS, isWithinHours } from '../../schemes/settings/hours.ts'
import { findSchemeWithChamber, updateSettings } from '../../schemes/store.ts'
import { writeContactSms } from '../opt-out/opt-out.ts'
import { lockMemberWrites } from '../store.ts'
import { ASKING, askingBoundsAt } from './asking.ts'
import type { NumberAnswer, NumberQuestion } from './contract.ts'
import { lockNumberHealth } from './health.ts'

/** Messages are sent until 18:00 at the latest, so that none arrives at night. */
const ARRIVES_WITHIN_MS = 4 * HOUR_MS
/** 96 bits: short enough for an SMS, and impossible to guess at the rate that the endpoint allows. */
const TOKEN_BYTES = 12
/** Maximum length of the scheme's name in the text. */
const NAME_CHARACTERS = 30

type AskDeps = Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'secret' | 'config' | 'log'>

/** Returns the settings of the yearly question. @throws AppError `unknown_scheme` */
export async function getNumberSettings(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
): Promise<NumberSettings> {
  authorize(actor, 'number.settings', schemeId)
  return inScheme(deps.db, schemeId, (tx) => readNumberSettings(tx, schemeId))
}

/** Sets whether numbers are asked and how many a day, starting with the next day's run. @throws AppError `unknown_scheme` */
export async function setNumberSettings(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  changes: Changes<NumberSettings>,
): Promise<NumberSettings> {
  authorize(actor, 'number.settings', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const before = await readNumberSettings(tx, schemeId, { lock: true })
    const settings = withChanges(before, changes)
    await updateSettings(tx, schemeId, { numbers: settings })
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: 'number.settings',
      subject: `scheme:${schemeId}`,
      details: { before, after: settings },
    })
    return settings
  })
}

async function readNumberSettings(tx: Tx, schemeId: string, { lock = false } = {}): Promise<NumberSettings> {
  let query = tx.selectFrom('schemes').select('numbers').where('id', '=', schemeId)
  if (lock) query = query.forUpdate()
  const scheme = await query.executeTakeFirst()
  if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  return NumberSettings.parse(scheme.numbers)
}

/** Sends the yearly question to the numbers that are due, in every scheme that enabled it, within asking hours. */
export async function sendYearlyQuestions(deps: AskDeps): Promise<void> {
  const schemes = await deps.db.selectFrom('schemes').select(['id', 'numbers']).orderBy('id').execute()
  for (const { id, numbers } of schemes) {
    const { reconfirm, perDay } = NumberSettings.parse(numbers)
    if (!reconfirm) continue
    await inScheme(deps.db, id, async (tx) => {
      if (isWithinHours(ASKING_HOURS, deps.now(), await findTimeZone(tx, id)))
        await sendYearlyQuestionsOfScheme(tx, deps, id, perDay)
    })
  }
}

interface DueRow {
  readonly id: string
  readonly memberId: string
  readonly phone: string
  readonly beganAt: Date | null
  /** Hash of the token in the message of this year that was sent before. */
  readonly tokenHash: string | null
  readonly asks: number
}

/** Sends the yearly question in one scheme. @returns how many messages were sent */
async function sendYearlyQuestionsOfScheme(
  tx: Tx,
  deps: AskDeps,
  schemeId: string,
  perDay: number,
): Promise<number> {
  // Without this lock, two processes at once would send twice the daily limit.
  await lockNumberHealth(tx, schemeId)
  const now = deps.now()
  const { dueBefore, askedBefore } = askingBoundsAt(now)
  await sql`update reconfirmations set state = 'silent'
    where scheme_id = ${schemeId} and state = 'open' and asks >= ${ASKING.mostAYear} and asked_at <= ${askedBefore}`.execute(
    tx,
  )
  const { rows: today } = await sql<{ asked: number }>`
    select count(*)::int as asked from reconfirmations
    where scheme_id = ${schemeId}
      and asked_at >= (date_trunc('day', ${now}::timestamptz at time zone ${timeZoneSql(schemeId)}) at time zone ${timeZoneSql(schemeId)})`.execute(
    tx,
  )
  const room = perDay - (today[0]?.asked ?? 0)
  if (room <= 0) return 0
  // A number is asked once even if several members have it; the others are asked two months later.
  const { rows: due } = await sql<DueRow>`
    with due as (
      select distinct on (c.mobile) c.id, c.member_id, c.mobile as phone, c.mobile_at,
        case when r.state = 'open' and r.began_at > ${dueBefore} then r.began_at end as began_at,
        case when r.state = 'open' and r.began_at > ${dueBefore} then r.asks else 0 end as asks,
        case when r.state = 'open' and r.began_at > ${dueBefore} then r.token_hash end as token_hash
      from contacts c
      join members m on m.scheme_id = c.scheme_id and m.id = c.member_id and m.status = 'active'
      left join reconfirmations r on r.scheme_id = c.scheme_id and r.contact_id = c.id and r.phone = c.mobile
      left join number_health h on h.scheme_id = c.scheme_id and h.phone = c.mobile
      where c.scheme_id = ${schemeId} and c.sms and c.mobile_at <= ${dueBefore} and not is_landline(c.mobile)
        -- Nobody would read a message to a dead number.
        and h.state is distinct from 'dead'
        and (r.contact_id is null or r.asked_at <= ${dueBefore}
          or r.state = 'open' and r.asks < ${ASKING.mostAYear} and r.began_at > ${dueBefore})
        -- Counted per number, over all its shops.
        and not exists (
          select from reconfirmations o where o.scheme_id = c.scheme_id and o.phone = c.mobile and o.asked_at > ${askedBefore})
        and (select coalesce(sum(o.asks), 0) from reconfirmations o
          where o.scheme_id = c.scheme_id and o.phone = c.mobile and o.asked_at > ${dueBefore}) < ${ASKING.mostAYear}
      order by c.mobile, r.asked_at nulls first, c.mobile_at, c.id
    )
    select id, member_id, phone, began_at, token_hash, asks from due order by mobile_at, id limit ${room}`.execute(
    tx,
  )
  const scheme = await tx
    .selectFrom('schemes')
    .select(['name', 'texts'])
    .where('id', '=', schemeId)
    .executeTakeFirstOrThrow()
  const { yearlyQuestion } = ServiceTexts.parse(scheme.texts)
  for (const contact of due) {
    const beganAt = contact.beganAt ?? now
    const token = linkTokenOf(deps, schemeId, contact, beganAt)
    const link = publicAddress(deps.config, `/numero/${token}`)
    const cycle = {
      phone: contact.phone,
      beganAt,
      asks: contact.asks + 1,
      askedAt: now,
      state: 'open' as const,
      answeredAt: null,
      tokenHash: hashToken(token),
    }
    await tx
      .insertInto('reconfirmations')
      .values({ schemeId, contactId: contact.id, ...cycle })
      .onConflict((conflict) => conflict.columns(['schemeId', 'contactId']).doUpdateSet(cycle))
      .execute()
    await writeSms(tx, deps, schemeId, {
      to: contact.phone,
      // The text does not name the business, because the number may belong to a stranger by now; the page behind the link
      // does.
      ...(yearlyQuestion === ''
        ? { template: 'number.sms.ask', values: { scheme: shortName(scheme.name), link } }
        : {
            template: 'number.sms.own',
            values: { text: fillText(yearlyQuestion, { dispositif: scheme.name, lien: link }) },
          }),
      memberId: contact.memberId,
      validUntil: new Date(now.getTime() + ARRIVES_WITHIN_MS),
      createdBy: 'system:numbers',
      lane: 'reminder',
    })
  }
  return due.length
}

const shortName = (name: string) =>
  name.length <= NAME_CHARACTERS ? name : `${name.slice(0, NAME_CHARACTERS - 1).trimEnd()}.`

/**
 * Derives the link's token. It is the same for every message of a contact's year, so only its hash is stored. A token that was
 * sent and derived from the previous secret is kept, so that its link continues to work.
 */
function linkTokenOf(
  { secret }: Pick<Deps, 'secret'>,
  schemeId: string,
  { id, phone, tokenHash }: Pick<DueRow, 'id' | 'phone' | 'tokenHash'>,
  beganAt: Date,
): string {
  const text = `tocsin:number:${schemeId}:${id}:${phone}:${beganAt.toISOString()}`
  const tokens = acceptedHmacsOf(secret, text).map((hash) =>
    hash.subarray(0, TOKEN_BYTES).toString('base64url'),
  )
  const [current = ''] = tokens
  return tokens.find((token) => hashToken(token) === tokenHash) ?? current
}

/** During which the holder can undo that it is no longer their business. */
const UNDO_MS = DAY_MS

interface OpenQuestion {
  readonly schemeId: string
  readonly contactId: string
  readonly memberId: string
  readonly name: string
  readonly phone: string
}

/**
 * Finds the open question behind a link: undefined if the link is unknown, expired or answered, or if the number has changed
 * since.
 */
async function findOpenQuestion(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  token: string,
): Promise<OpenQuestion | undefined> {
  const { rows } = await sql<OpenQuestion>`
    select r.scheme_id, r.contact_id, c.member_id, m.name, r.phone
    from reconfirmations r
    join contacts c on c.scheme_id = r.scheme_id and c.id = r.contact_id and c.mobile = r.phone and c.sms
    join members m on m.scheme_id = c.scheme_id and m.id = c.member_id and m.status <> 'left'
    where r.scheme_id = ${schemeId} and r.token_hash = ${hashToken(token)} and r.state in ('open', 'silent')
      and r.asked_at > ${askingBoundsAt(deps.now()).linkAfter}
    for update of r`.execute(tx)
  return rows[0]
}

/**
 * Finds the question to which the holder answered, less than 24 hours ago, that it is no longer their business: undefined if
 * the contact has another number since, or its consent was changed in another way.
 */
async function findGoneQuestion(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  token: string,
): Promise<OpenQuestion | undefined> {
  const { rows } = await sql<OpenQuestion>`
    select r.scheme_id, r.contact_id, c.member_id, m.name, r.phone
    from reconfirmations r
    join contacts c on c.scheme_id = r.scheme_id and c.id = r.contact_id and c.mobile = r.phone and not c.sms
    join members m on m.scheme_id = c.scheme_id and m.id = c.member_id and m.status <> 'left'
    where r.scheme_id = ${schemeId} and r.token_hash = ${hashToken(token)} and r.state = 'gone'
      and r.answered_at > ${new Date(deps.now().getTime() - UNDO_MS)}
      and not exists (
        select from opt_outs o where o.scheme_id = r.scheme_id and o.phone = r.phone and o.at > r.answered_at)
    for update of r`.execute(tx)
  return rows[0]
}

/** Finds the scheme of a link; everything else is read inside that scheme. */
async function findSchemeOfToken(deps: Pick<Deps, 'db'>, token: string): Promise<string | undefined> {
  const row = await deps.db
    .selectFrom('reconfirmations')
    .select('schemeId')
    .where('tokenHash', '=', hashToken(token))
    .executeTakeFirst()
  return row?.schemeId
}

/**
 * Returns the question of a link. Every link without an open question gets the same null, so that it reveals no stored data.
 */
export async function getNumberQuestion(
  deps: Pick<Deps, 'db' | 'now'>,
  token: string,
): Promise<NumberQuestion> {
  const schemeId = await findSchemeOfToken(deps, token)
  if (schemeId === undefined) return { question: null }
  return inScheme(deps.db, schemeId, async (tx) => {
    const open = await findOpenQuestion(tx, deps, schemeId, token)
    const question = open ?? (await findGoneQuestion(tx, deps, schemeId, token))
    const scheme = await findSchemeWithChamber(tx, schemeId)
    if (question === undefined || scheme === undefined) return { question: null }
    return {
      question: {
        business: question.name,
        end: question.phone.slice(-2),
        schemeId,
        scheme: scheme.name,
        chamber: scheme.chamber,
        gone: open === undefined,
      },
    }
  })
}

/**
 * Stores the holder's answer, once. `mine`: the number is confirmed from now on. `gone`: the contact is opted out, with
 * proof, and shown to the chamber. `undo`, within 24 hours of `gone`: it is opted in again, with proof, and confirmed.
 * @returns whether the link had a question with this answer
 */
export async function recordNumberAnswer(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'mailer'>,
  token: string,
  { answer }: NumberAnswer,
): Promise<{ stored: boolean }> {
  const schemeId = await findSchemeOfToken(deps, token)
  if (schemeId === undefined) return { stored: false }
  return inScheme(deps.db, schemeId, async (tx) => {
    await lockMemberWrites(tx, schemeId)
    const find = answer === 'undo' ? findGoneQuestion : findOpenQuestion
    const question = await find(tx, deps, schemeId, token)
    if (question === undefined) return { stored: false }
    const { contactId, memberId } = question
    const now = deps.now()
    const by = `contact:${contactId}`
    await tx
      .updateTable('reconfirmations')
      .set({ state: answer === 'gone' ? 'gone' : 'mine', answeredAt: now })
      .where('schemeId', '=', schemeId)
      .where('contactId', '=', contactId)
      .execute()
    if (answer !== 'gone') {
      await tx
        .updateTable('contacts')
        .set({ mobileAt: now })
        .where('schemeId', '=', schemeId)
        .where('id', '=', contactId)
        .execute()
      await recordAudit(tx, schemeId, now, {
        actor: by,
        action: 'contact.reconfirmed',
        subject: by,
        details: { member: memberId },
      })
    }
    if (answer !== 'mine') {
      // An opt-out after the time of the answer ends its undo (`findGoneQuestion`), so its own has the same time.
      const change = { sms: answer === 'undo', how: 'link', by, reason: null, at: now } as const
      await writeContactSms(tx, deps, schemeId, { member: memberId, contact: contactId }, change)
    }
    return { stored: true }
  })
}
