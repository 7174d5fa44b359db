import { randomFillSync } from 'node:crypto'
import { sql } from 'kysely'
import { findAudienceHashes } from '../alerts/audience/audience.ts'
import { contentHash } from '../alerts/compose/content.ts'
import { needsApproval } from '../alerts/compose/doctrine.ts'
import { createAlert, getSchemeFacts } from '../alerts/compose/draft.ts'
import { followUpText } from '../alerts/follow-up/texts.ts'
import { activateAlert, endAlert } from '../alerts/order/close.ts'
import { inOrderTurn, type OrderTx, openAlert, orderAlert } from '../alerts/order/order.ts'
import { expiryOf, formatReference, laneOf } from '../alerts/rules.ts'
import { type AlertEvent, nextState } from '../alerts/states.ts'
import { recordAudits } from '../audit/record.ts'
import { isSimulated } from '../deliveries/simulation.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { dayWords, hourOf, yearIn } from '../message/clock.ts'
import { withReference } from '../message/reference.ts'
import { segmentMessage } from '../message/segment.ts'
import { type Actor, actorName } from '../permissions.ts'
import { asOwner, inScheme, type Tx } from '../platform/db.ts'
import { createIds } from '../platform/ids.ts'
import { createReport } from '../reports/actions.ts'
import type { RefusalCode } from '../reports/contract.ts'
import { signatureOf } from '../reports/signature.ts'
import type { AlertState } from '../schema.ts'
import { composeText } from '../schemes/compose.ts'
import { alertPlaceWords } from '../schemes/whereabouts.ts'
import { setPublication } from '../statistics/actions.ts'
import type { Area, SimpleArea } from '../territory/contract.ts'
import { atName, zoneWords } from '../territory/naming.ts'
import { areaWords } from '../territory/rules.ts'
import { describeArea } from '../territory/store/areas.ts'
import { ISSOIRE, pick, seededRandom } from './members.ts'

/**
 * Milliseconds that the demo's SMS centre takes per message, so that the finish time announced from this past is
 * realistic.
 */
const TAKEN_MS = 0.3
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** How long before the call an incident of the demo happened. */
const AGO_MS = 9 * MINUTE_MS

/** Alerts of the past year whose deliveries are purged: only their counts remain. */
const COUNTED = 57
const OLDEST_DAYS = 358
const NEWEST_DAYS = 41
const REFUSED = 14

/** Facts in the texts by category, with the frequency of the category. */
const facts: Readonly<Record<string, readonly [weight: number, ...facts: string[]]>> = {
  'counterfeit-notes': [9, 'billets de 20 et 50 euros'],
  'trick-theft': [7, 'rendez-moi au moment de payer', 'diversion à la caisse'],
  'group-theft': [6, 'alcools et parfums', 'vêtements, sac doublé'],
  'stolen-cheques': [4, 'chéquier volé utilisé'],
  fraud: [4, 'fausse commande au nom d’un grossiste', 'faux conseiller bancaire'],
  burglary: [5, 'vitrine brisée dans la nuit', 'entrée par l’arrière'],
  assault: [2, 'menaces à la caisse'],
  damage: [2, 'vitrines dégradées'],
  'fuel-theft': [2, 'départs sans payer'],
  prevention: [1, 'démarchage insistant signalé'],
}
/** Trades targeted by burglaries, in the plural. */
const aimedAt = [
  ['jewellers', 'bijouteries'],
  ['tobacco-press', 'tabacs'],
  ['tools-garden', 'motoculture'],
  ['pharmacies', 'pharmacies'],
] as const
/** Hours of incidents, most of them in the afternoon. */
const HOURS = [9, 10, 10, 11, 11, 12, 14, 14, 15, 15, 15, 16, 16, 16, 17, 17, 17, 18, 18, 19, 19, 20]
const REFUSALS: readonly RefusalCode[] = ['no_offence', 'doubt', 'arrested', 'too_late', 'duplicate']

type Random = () => number

function pickWeighted<T>(items: readonly (readonly [T, number])[], random: Random): T {
  let left = random() * items.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [item, weight] of items) {
    left -= weight
    if (left < 0) return item
  }
  return items[0]![0]
}

/** Returns an hour of incidents on the day `days` ago. */
function chooseCallTime(now: Date, days: number, random: Random): Date {
  const day = new Date(now.getTime() - days * DAY_MS)
  day.setUTCHours(pick(HOURS, random) - 1, Math.floor(random() * 60), Math.floor(random() * 60), 0)
  return day
}

/** An alert of the past, before it has a reference and counts. */
interface Incident {
  readonly calledAt: Date
  readonly categoryCode: string
  readonly communeCode: string
  readonly communeName: string
  readonly area: SimpleArea
  readonly trade: (typeof aimedAt)[number] | undefined
}

interface Place {
  readonly code: string
  readonly name: string
  readonly epci: string | null
  readonly arrondissement: string | null
  readonly members: number
}

function makeIncidents(
  now: Date,
  places: readonly Place[],
  known: ReadonlySet<string>,
  random: Random,
): Incident[] {
  const categories = Object.entries(facts)
    .filter(([code]) => known.has(code))
    .map(([code, [weight]]) => [code, weight] as const)
  const towns = places.map((place) => [place, Math.sqrt(place.members)] as const)
  const step = (OLDEST_DAYS - NEWEST_DAYS) / COUNTED
  return Array.from({ length: COUNTED }, (_, i) => {
    const categoryCode = pickWeighted(categories, random)
    const { code, name, epci, arrondissement } = pickWeighted(towns, random)
    const wide = random()
    const area: SimpleArea =
      wide < 0.08
        ? { kind: 'scheme' }
        : wide < 0.2 && arrondissement !== null
          ? { kind: 'arrondissement', code: arrondissement }
          : wide < 0.8 && epci !== null
            ? { kind: 'epci', code: epci }
            : { kind: 'commune', code }
    const days = OLDEST_DAYS - (i + random() * 0.8) * step
    return {
      calledAt: chooseCallTime(now, days, random),
      categoryCode,
      communeCode: code,
      communeName: name,
      area,
      trade: categoryCode === 'burglary' && random() < 0.6 ? pick(aimedAt, random) : undefined,
    }
  }).toSorted((a, b) => a.calledAt.getTime() - b.calledAt.getTime())
}

/** Returns the state after these events, by the transitions of the product. */
function stateAfter(...events: readonly AlertEvent[]): AlertState {
  return events.reduce<AlertState>((state, event) => {
    const next = nextState(state, event)
    if (next === undefined) throw new Error(`${event} cannot happen to an alert in state ${state}`)
    return next
  }, 'draft')
}

/** The users of a demo scheme who write and decide alerts. */
export interface DemoDesk {
  readonly operator: Actor
  readonly chief: Actor
  readonly chamber: Actor
}

/**
 * Gives a demo scheme a year of alerts: most as counts only, as after the purge of deliveries, and a few of the
 * last weeks with each delivery. References, texts, states and hashes come from the code of the product; the audit
 * record contains only the orders and refusals of the counted alerts. Nothing is sent. Call it before observers
 * are set. An interrupted call can be repeated and continues where it stopped.
 */
export async function seedDemoAlerts(deps: Deps, schemeId: string, desk: DemoDesk): Promise<void> {
  const begun = await deps.db
    .selectFrom('alertCounters')
    .select('last')
    .where('schemeId', '=', schemeId)
    .limit(1)
    .executeTakeFirst()
  if (begun === undefined) await seedCountedAlerts(deps, schemeId, desk)
  for (const one of RECENT) await seedRecentAlert(deps, schemeId, desk.operator, one)
  await setPublication(deps, desk.chamber, schemeId, true)
}

async function seedCountedAlerts(deps: Deps, schemeId: string, desk: DemoDesk): Promise<void> {
  const random = seededRandom(63)
  const now = deps.now()
  const { demo, gateways } = deps.config
  const simulated = isSimulated(demo, gateways)
  const gateway = gateways[0]?.name ?? ''
  // Only the engine, which works for all schemes, may write counts.
  await asOwner(deps.db, async (tx) => {
    const scheme = await getSchemeFacts(tx, schemeId)
    const context = { schemeId, territory: scheme.territory }
    const by = await signatureOf(tx, desk.operator, schemeId)
    const chief = await signatureOf(tx, desk.chief, schemeId)
    const chiefId = desk.chief.kind === 'user' ? desk.chief.userId : actorName(desk.chief)
    const categories = await tx
      .selectFrom('categories')
      .select(['code', 'labelFr', 'severity', 'template', 'level'])
      .where('schemeId', '=', schemeId)
      .execute()
    const categoryOf = new Map(categories.map((category) => [category.code, category]))
    const places = await listPlacesWithMembers(tx, schemeId)
    const numbers = new Map<number, number>()
    const words = new Map<string, string>()
    const audiences = new Map<string, string | undefined>()
    const findAudienceHash = async (area: Area, trades: readonly string[]) => {
      const key = JSON.stringify([area, trades])
      if (!audiences.has(key)) {
        const [hash] = await findAudienceHashes(tx, [{ audience: { area, trades }, context }])
        audiences.set(key, hash)
      }
      return audiences.get(key) ?? ''
    }
    const makeRow = async (incident: Incident) => {
      const { categoryCode, area, trade } = incident
      const category = categoryOf.get(categoryCode)!
      const key = JSON.stringify(area)
      const areaLabel = words.get(key) ?? areaWords(await describeArea(tx, context, area))
      words.set(key, areaLabel)
      const year = yearIn(scheme.timeZone, incident.calledAt)
      const number = (numbers.get(year) ?? 0) + 1
      numbers.set(year, number)
      const reference = formatReference(scheme.referencePrefix, year, number)
      const [, ...said] = facts[categoryCode]!
      const known = pick(said, random)
      const createdAt = addMilliseconds(incident.calledAt, 30_000 + random() * 50_000)
      const orderedAt = addMilliseconds(createdAt, (0.8 + random() ** 2 * 11) * MINUTE_MS)
      const level = category.level ?? 'established'
      const approved = needsApproval(scheme.doctrine, {
        categoryCode,
        severity: category.severity,
        doctrine: { level },
      })
      const isEnded = random() < 0.3
      const expiresAt = expiryOf(orderedAt, scheme.alertLifetimeHours)
      const closedAt = isEnded ? addMilliseconds(orderedAt, (1 + random() * 5) * HOUR_MS) : expiresAt
      const occurredAt = addMilliseconds(incident.calledAt, -(4 + random() * 30) * MINUTE_MS)
      const text = composeText(category.template, {
        lieu: atName(incident.communeName),
        zone: zoneWords(areaLabel),
        heure: hourOf(occurredAt.getTime(), scheme.timeZone),
        date: level === 'prevention' ? null : dayWords(+occurredAt, +orderedAt, scheme.timeZone),
        metier: trade?.[1],
        faits: known,
        conseil: scheme.closingAdvice,
      })
      const trades = trade === undefined ? [] : [trade[0]]
      return {
        ...incident,
        reference,
        text,
        areaLabel,
        createdAt,
        orderedAt,
        approved,
        expiresAt,
        severity: category.severity,
        labelFr: category.labelFr,
        placeWords: alertPlaceWords(category.template, {
          commune: { name: incident.communeName },
          areaLabel,
        }),
        level,
        trades,
        audience: await findAudienceHash(area, trades),
        closedAt,
        isEnded,
        occurredAt,
        report: makeIdsAt(createdAt)(),
        alert: makeIdsAt(createdAt)(),
        first: makeIdsAt(orderedAt)(),
        closing: makeIdsAt(expiresAt)(),
        firstMs: 40 + random() * 60,
        answerMs: 60 + random() * 60,
      }
    }
    const rows: Awaited<ReturnType<typeof makeRow>>[] = []
    for (const incident of makeIncidents(now, places, new Set(categoryOf.keys()), random))
      rows.push(await makeRow(incident))
    const counts = await countRecipients(tx, schemeId, rows)
    const sent = rows.filter(({ first }) => counts.has(first))
    const hashContent = (row: (typeof rows)[number]) =>
      contentHash({
        text: row.text,
        reference: row.reference,
        traced: false,
        area: row.area,
        territory: scheme.territory,
        audience: row.audience,
        trades: row.trades,
        doctrine: { level: row.level },
        sender: scheme.sender,
        severity: row.severity,
        simulated,
        categoryCode: row.categoryCode,
      })
    await tx
      .insertInto('reports')
      .values(
        sent.map((row) => ({
          schemeId,
          id: row.report,
          categoryCode: row.categoryCode,
          communeCode: row.communeCode,
          calledAt: row.calledAt,
          occurredAt: row.occurredAt,
          agencyId: by.agencyId,
          state: 'broadcast' as const,
          decidedAt: row.orderedAt,
          decidedBy: row.approved ? chief.text : by.text,
          createdAt: row.createdAt,
          createdBy: by.text,
        })),
      )
      .execute()
    await tx
      .insertInto('alerts')
      .values(
        sent.map((row) => {
          const submittedAt = addMilliseconds(row.orderedAt, -40_000)
          return {
            schemeId,
            id: row.alert,
            reference: row.reference,
            reportId: row.report,
            categoryCode: row.categoryCode,
            severity: row.severity,
            text: row.text,
            area: JSON.stringify(row.area),
            areaLabel: row.areaLabel,
            trades: row.trades,
            simulated,
            state: stateAfter(
              ...(row.approved ? (['submit', 'approve'] as const) : []),
              'order',
              'sent',
              row.isEnded ? 'end' : 'expire',
            ),
            expiresAt: row.expiresAt,
            createdAt: row.createdAt,
            createdBy: by.text,
            orderedAt: row.orderedAt,
            orderedBy: row.approved ? chief.text : by.text,
            closedAt: row.closedAt,
            closedBy: row.isEnded ? by.text : 'system:clock',
            doctrine: JSON.stringify({ offence: true, arrested: false, level: row.level }),
            authorIds: desk.operator.kind === 'user' ? [desk.operator.userId] : [],
            agencyId: by.agencyId,
            ...(row.approved && {
              submittedAt,
              submittedBy: by.text,
              submittedHash: hashContent(row),
              decision: 'approved' as const,
              decidedAt: row.orderedAt,
              decidedBy: chief.text,
              decidedById: chiefId,
            }),
          }
        }),
      )
      .execute()
    const messages = sent.flatMap((row) => {
      const tallies = counts.get(row.first) ?? []
      const message = (kind: 'first' | 'closing', id: string, text: string, at: Date, validUntil: Date) => {
        const { parts, encoding } = segmentMessage(withReference(text, row.reference), { fold: true })
        // A closing message is sent to those who received the alert or still may.
        const mine = tallies.map((one) => (kind === 'first' ? one : toClosingCounts(one)))
        const total = (name: Exclude<keyof Counts, 'trade'>) => mine.reduce((sum, one) => sum + one[name], 0)
        return {
          tallies: mine.filter(({ planned }) => planned > 0),
          row: {
            schemeId,
            id,
            alertId: row.alert,
            kind,
            text: parts.join(''),
            encoding,
            parts: parts.length,
            sender: scheme.sender,
            lane: kind === 'first' ? laneOf[row.severity] : ('follow_up' as const),
            simulated,
            state: 'done' as const,
            validUntil,
            orderedAt: at,
            orderedBy: kind === 'closing' ? 'system:clock' : row.approved ? chief.text : by.text,
            contentHash: kind === 'first' ? hashContent(row) : null,
            afterBroadcastId: kind === 'closing' ? row.first : null,
            planned: total('planned'),
            delivered: total('delivered'),
            failed: total('failed'),
            expired: total('expired'),
            firstSubmitAt: addMilliseconds(at, row.firstMs),
            allAcceptedAt: addMilliseconds(at, row.firstMs + row.answerMs + total('planned') * TAKEN_MS),
            doneAt: total('expired') > 0 ? validUntil : addMilliseconds(at, 95_000),
            healthNo: total('planned'),
            talliedAt: validUntil,
          },
        }
      }
      const first = message('first', row.first, row.text, row.orderedAt, row.expiresAt)
      if (row.isEnded || !scheme.doctrine.closingMessage) return [first]
      const subject = {
        category: { labelFr: row.labelFr },
        placeWords: row.placeWords,
        reference: row.reference,
      }
      const until = addMilliseconds(row.closedAt, HOUR_MS)
      return [first, message('closing', row.closing, followUpText('closing', subject), row.closedAt, until)]
    })
    await tx
      .insertInto('broadcasts')
      .values(messages.map(({ row }) => row))
      .execute()
    await tx
      .insertInto('deliveryTallies')
      .values(
        messages.flatMap(({ row, tallies }) =>
          tallies.map((tally) => ({ schemeId, broadcastId: row.id, gateway, withdrawn: 0, ...tally })),
        ),
      )
      .execute()
    const closings = messages.filter(({ row }) => row.kind === 'closing')
    const steps = [
      ...sent.flatMap((row) =>
        row.approved
          ? [
              {
                schemeId,
                alertId: row.alert,
                at: row.orderedAt,
                kind: 'approved',
                by: chief.text,
                details: '{}',
              },
            ]
          : [],
      ),
      ...closings.map(({ row }) => ({
        schemeId,
        alertId: row.alertId,
        at: row.orderedAt,
        kind: 'closing_message',
        by: null,
        details: JSON.stringify({ planned: row.planned }),
      })),
    ]
    await tx.insertInto('alertEvents').values(steps).execute()
    await tx
      .insertInto('alertCounters')
      .values([...numbers].map(([year, last]) => ({ schemeId, year, last })))
      .execute()
    await seedRefusedReports(tx, deps, schemeId, desk.operator, { places, random })
    await recordAudits(
      tx,
      schemeId,
      sent.map((row) => ({
        at: row.orderedAt,
        actor: actorName(row.approved ? desk.chief : desk.operator),
        action: row.approved ? 'alert.approve' : 'alert.broadcast',
        subject: `alert:${row.alert}`,
        details: {
          reference: row.reference,
          broadcast: row.first,
          contentHash: hashContent(row),
          area: row.area,
          trades: row.trades,
          planned: messages.find((message) => message.row.id === row.first)?.row.planned,
          simulated,
        },
      })),
    )
  })
}

/** Inserts refused reports with their reasons. */
async function seedRefusedReports(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  actor: Actor,
  { places, random }: { readonly places: readonly Place[]; readonly random: Random },
): Promise<void> {
  const by = await signatureOf(tx, actor, schemeId)
  const refused = Array.from({ length: REFUSED }, (_, i) => {
    const called = chooseCallTime(
      deps.now(),
      OLDEST_DAYS - ((i + random()) * (OLDEST_DAYS - NEWEST_DAYS)) / REFUSED,
      random,
    )
    return {
      id: makeIdsAt(called)(),
      called,
      decided: addMilliseconds(called, (2 + random() * 8) * MINUTE_MS),
      reason: pick(REFUSALS, random),
    }
  })
  await tx
    .insertInto('reports')
    .values(
      refused.map(({ id, called, decided, reason }) => ({
        schemeId,
        id,
        categoryCode: pick(['counterfeit-notes', 'trick-theft', 'group-theft', 'fraud'], random),
        communeCode: pick(places, random).code,
        calledAt: called,
        occurredAt: addMilliseconds(called, -(5 + random() * 40) * MINUTE_MS),
        agencyId: by.agencyId,
        state: 'refused' as const,
        refusalCode: reason,
        decidedAt: decided,
        decidedBy: by.text,
        createdAt: addMilliseconds(called, 45_000),
        createdBy: by.text,
      })),
    )
    .execute()
  await recordAudits(
    tx,
    schemeId,
    refused.map(({ id, decided, reason }) => ({
      at: decided,
      actor: actorName(actor),
      action: 'report.refuse',
      subject: `report:${id}`,
      details: { reason, answered: false },
    })),
  )
}

/** Makes ids with the timestamp of this instant, so that they sort as if created then. */
function makeIdsAt(at: Date): () => string {
  return createIds(() => at, randomFillSync)
}

function addMilliseconds(at: Date, milliseconds: number): Date {
  return new Date(at.getTime() + Math.round(milliseconds))
}

async function listPlacesWithMembers(tx: Tx, schemeId: string): Promise<Place[]> {
  const { rows } = await sql<Place>`
    select k.code, k.name, k.epci_code as epci, k.arrondissement_code as arrondissement, count(*)::int as members
    from members m join communes k on k.code = m.commune_code
    where m.scheme_id = ${schemeId} and m.status = 'active'
    group by 1, 2, 3, 4 having count(*) >= 5 order by 1`.execute(tx)
  return rows
}

interface Counts {
  readonly trade: string
  readonly planned: number
  readonly delivered: number
  readonly failed: number
  readonly expired: number
}

/** Returns the counts of the closing message: recipients whose first message failed are not sent another. */
function toClosingCounts({ trade, delivered, expired }: Counts): Counts {
  return { trade, planned: delivered + expired, delivered, failed: 0, expired }
}

/**
 * Counts the recipients of each alert by trade: the members at that time, each number once. For one in a hundred
 * the delivery failed since the number changed; for two it expired since the phone was off.
 */
async function countRecipients(
  tx: Tx,
  schemeId: string,
  alerts: readonly {
    readonly first: string
    readonly orderedAt: Date
    readonly area: SimpleArea
    readonly trades: readonly string[]
  }[],
): Promise<Map<string, Counts[]>> {
  const asked = alerts.map(({ first, orderedAt, area, trades }) => ({
    first,
    at: orderedAt.toISOString(),
    kind: area.kind,
    code: 'code' in area ? area.code : null,
    trades,
  }))
  const { rows } = await sql<Counts & { first: string }>`
    with asked as (
      select * from jsonb_to_recordset(${JSON.stringify(asked)}::jsonb)
        as x(first uuid, at timestamptz, kind text, code text, trades text[])
    ), reached as (
      select distinct on (a.first, c.mobile) a.first, m.trade, abs(hashtext(a.first::text || c.mobile)) % 1000 as chance
      from asked a
      join communes k on a.kind = 'scheme' or k.code = a.code or k.epci_code = a.code or k.arrondissement_code = a.code
      join members m on m.scheme_id = ${schemeId} and m.commune_code = k.code and m.status = 'active'
        and m.created_at <= a.at and (a.trades = '{}' or m.trade = any (a.trades))
      join contacts c on c.scheme_id = m.scheme_id and c.member_id = m.id and c.sms
      order by a.first, c.mobile, m.id
    )
    select first, trade, count(*)::int as planned, (count(*) filter (where chance >= 30))::int as delivered,
      (count(*) filter (where chance < 10))::int as failed, (count(*) filter (where chance between 10 and 29))::int as expired
    from reached group by first, trade order by first, trade`.execute(tx)
  const counts = new Map<string, Counts[]>()
  for (const { first, ...one } of rows) counts.set(first, [...(counts.get(first) ?? []), one])
  return counts
}

/**
 * Alerts of the last weeks, with each delivery. None is about Issoire within the week or alike within the month:
 * stories of the demo depend on the weekly budgets of its members and on the absence of similar alerts.
 */
const RECENT = [
  { days: 37, hour: 16, categoryCode: 'counterfeit-notes', communeCode: ISSOIRE, epci: true },
  { days: 11, hour: 10, categoryCode: 'trick-theft', communeCode: ISSOIRE, epci: true },
  { days: 4, hour: 15, categoryCode: 'group-theft', communeCode: '63430', epci: false },
] as const

/** Finds the part of a recent alert that an interrupted start already made. */
async function findRecent(
  { db, now }: Deps,
  schemeId: string,
  { categoryCode, communeCode }: (typeof RECENT)[number],
) {
  return db
    .selectFrom('reports as r')
    .leftJoin('alerts as a', (join) =>
      join.onRef('a.schemeId', '=', 'r.schemeId').onRef('a.reportId', '=', 'r.id'),
    )
    .select(['r.id', 'r.calledAt', 'a.id as alertId', 'a.state', 'a.version'])
    .where('r.schemeId', '=', schemeId)
    .where('r.categoryCode', '=', categoryCode)
    .where('r.communeCode', '=', communeCode)
    .where('r.calledAt', '>', new Date(now().getTime() - (NEWEST_DAYS - 1) * DAY_MS))
    .limit(1)
    .executeTakeFirst()
}

/**
 * Makes a recent alert with the actions of the product at a past time. Its deliveries are settled in the
 * transaction of the order, so that none is sent.
 */
async function seedRecentAlert(
  deps: Deps,
  schemeId: string,
  actor: Actor,
  one: (typeof RECENT)[number],
): Promise<void> {
  const { days, hour, categoryCode, communeCode, epci } = one
  const begun = await findRecent(deps, schemeId, one)
  const called = begun?.calledAt ?? new Date(deps.now().getTime() - days * DAY_MS)
  if (begun === undefined) called.setUTCHours(hour - 1, 12, 8, 0)
  const then = (milliseconds: number): Deps => {
    const now = () => addMilliseconds(called, milliseconds)
    return { ...deps, now, newId: makeIdsAt(now()) }
  }
  const report =
    begun ??
    (await createReport(then(40_000), actor, schemeId, {
      categoryCode,
      communeCode,
      calledAt: called.toISOString(),
      occurredAt: addMilliseconds(called, -AGO_MS).toISOString(),
    }))
  const { area, text } = await inScheme(deps.db, schemeId, async (tx) => {
    const scheme = await getSchemeFacts(tx, schemeId)
    const commune = await tx
      .selectFrom('communes')
      .select(['name', 'epciCode'])
      .where('code', '=', communeCode)
      .executeTakeFirstOrThrow()
    const around = epci ? commune.epciCode : undefined
    const area: SimpleArea =
      typeof around === 'string' ? { kind: 'epci', code: around } : { kind: 'commune', code: communeCode }
    const category = await tx
      .selectFrom('categories')
      .select('template')
      .where('schemeId', '=', schemeId)
      .where('code', '=', categoryCode)
      .executeTakeFirstOrThrow()
    const values = {
      lieu: atName(commune.name),
      zone: zoneWords(areaWords(await describeArea(tx, { schemeId, territory: scheme.territory }, area))),
      heure: hourOf(called.getTime() - AGO_MS, scheme.timeZone),
      date: dayWords(called.getTime() - AGO_MS, called.getTime(), scheme.timeZone),
      faits: facts[categoryCode]?.[1],
      conseil: scheme.closingAdvice,
    }
    return { area, text: composeText(category.template, values) }
  })
  const draft =
    begun?.alertId == null
      ? await createAlert(then(70_000), actor, schemeId, {
          reportId: report.id,
          text,
          area,
          trades: [],
          doctrine: { offence: true, arrested: false, level: 'established' },
        })
      : { id: begun.alertId, version: begun.version ?? 0 }
  const state = begun?.state ?? 'draft'
  const at = addMilliseconds(called, 150_000)
  const order = async (tx: OrderTx) => {
    const open = await openAlert(tx, actor, schemeId, draft.id, {
      event: 'order',
      version: draft.version,
      at,
    })
    await orderAlert(tx, then(150_000), actor, schemeId, {
      open,
      order: {
        mandate: { kind: 'own', reason: undefined },
        at,
      },
    })
    await settleDeliveries(tx, schemeId, draft.id, at, deps.config.gateways[0]?.name ?? '')
  }
  const clock: Actor = { kind: 'system', name: 'clock' }
  if (state === 'draft') await inOrderTurn(deps.db, schemeId, order)
  if (state === 'draft' || state === 'broadcasting')
    await activateAlert(then(156_000), clock, schemeId, draft.id)
  if (state === 'ended' || state === 'expired') return
  await endAlert(then(5 * HOUR_MS), actor, schemeId, draft.id).catch((error: unknown) => {
    // After an interrupted start, the clock job may have expired the alert first.
    if (!(error instanceof AppError && error.code === 'wrong_state')) throw error
  })
}

/** Settles the deliveries of an alert as a provider would have: one in forty failed, the others were delivered. */
async function settleDeliveries(
  tx: Tx,
  schemeId: string,
  alertId: string,
  at: Date,
  gateway: string,
): Promise<void> {
  const [firstAt, doneAt] = [addMilliseconds(at, 60), addMilliseconds(at, 95_000)]
  await sql`
    with mine as (
      select scheme_id, id from broadcasts where scheme_id = ${schemeId} and alert_id = ${alertId}::uuid
    ), cut as (
      update delivery_chunks c set state = 'done', claims = 1 from mine b
      where c.scheme_id = b.scheme_id and c.broadcast_id = b.id
    ), ended as (
      update deliveries d set state = case when d.no % 40 = 17 then 'failed' else 'delivered' end, attempts = 1,
        gateway = ${gateway}, message_ids = md5(d.broadcast_id::text || d.no), accepted_at = ${firstAt}::timestamptz + d.no * ${TAKEN_MS}::float8 * interval '1 ms',
        error_code = case when d.no % 40 = 17 then 1 end,
        settled_at = ${firstAt}::timestamptz + interval '2 seconds' + d.no % 60 * interval '1 second'
      from mine b where d.scheme_id = b.scheme_id and d.broadcast_id = b.id
      returning d.broadcast_id, d.state
    )
    update broadcasts b set state = 'done', first_submit_at = ${firstAt},
      all_accepted_at = ${firstAt}::timestamptz + (100 + b.planned * ${TAKEN_MS}::float8) * interval '1 ms', done_at = ${doneAt},
      -- Marked as counted already: the health of these numbers is seeded elsewhere.
      health_no = b.planned,
      delivered = (select count(*) from ended e where e.broadcast_id = b.id and e.state = 'delivered'),
      failed = (select count(*) from ended e where e.broadcast_id = b.id and e.state = 'failed')
    from mine where b.scheme_id = mine.scheme_id and b.id = mine.id`.execute(tx)
}
