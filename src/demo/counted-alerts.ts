import { sql } from 'kysely'
import { findAudienceHashes } from '../alerts/audience/audience.ts'
import { contentHash } from '../alerts/compose/content.ts'
import { needsApproval } from '../alerts/compose/doctrine.ts'
import { getSchemeFacts } from '../alerts/compose/draft.ts'
import { followUpText } from '../alerts/follow-up/texts.ts'
import { expiryOf, formatReference, laneOf } from '../alerts/rules.ts'
import { type AlertEvent, nextState } from '../alerts/states.ts'
import type { SchemeFacts } from '../alerts/store.ts'
import { recordAudits } from '../audit/record.ts'
import { isSimulated } from '../deliveries/simulation.ts'
import type { Deps } from '../deps.ts'
import { DAY_MS, dayWords, HOUR_MS, hourOf, MINUTE_MS, yearIn } from '../message/clock.ts'
import { withReference } from '../message/reference.ts'
import { segmentMessage } from '../message/segment.ts'
import { type Actor, actorName } from '../permissions.ts'
import { acrossSchemes, type Tx } from '../platform/db.ts'
import type { RefusalCode } from '../reports/contract.ts'
import { type Signature, signatureOf } from '../reports/signature.ts'
import type { AlertState, Severity } from '../schema.ts'
import type { CategoryLevel } from '../schemes/doctrine.ts'
import { composeText } from '../schemes/texts/compose.ts'
import { alertPlaceWords } from '../schemes/texts/whereabouts.ts'
import type { SimpleArea } from '../territory/contract.ts'
import { atName, zoneWords } from '../territory/places/naming.ts'
import { areaWords } from '../territory/places/rules.ts'
import { describeArea } from '../territory/store/areas.ts'
import { pick, seededRandom } from './members.ts'
import { addMilliseconds, makeIdsAt, TAKEN_MS } from './times.ts'

/** Alerts of the past year whose deliveries are purged: only their counts remain. */
const COUNTED = 57
const OLDEST_DAYS = 358
export const NEWEST_DAYS = 41
const REFUSED = 14

/** Facts in the texts by category, with the frequency of the category. */
export const facts: Readonly<Record<string, readonly [weight: number, ...facts: string[]]>> = {
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

/** Values that the rows of all counted alerts share. */
interface Past {
  readonly tx: Tx
  readonly schemeId: string
  readonly scheme: SchemeFacts
  readonly desk: DemoDesk
  readonly by: Signature
  readonly chief: Signature
  readonly simulated: boolean
  readonly random: Random
}

/**
 * Inserts the alerts of the past year whose deliveries are purged, with their reports, messages, counts and audit entries, and
 * refused reports.
 */
export async function seedCountedAlerts(deps: Deps, schemeId: string, desk: DemoDesk): Promise<void> {
  const random = seededRandom(63)
  const { demo, gateways } = deps.config
  // Only the engine, which works for all schemes, may write counts.
  await acrossSchemes(deps.db, async (tx) => {
    const past: Past = {
      tx,
      schemeId,
      scheme: await getSchemeFacts(tx, schemeId),
      desk,
      by: await signatureOf(tx, desk.operator, schemeId),
      chief: await signatureOf(tx, desk.chief, schemeId),
      simulated: isSimulated(demo, gateways),
      random,
    }
    const categories = await listCategories(tx, schemeId)
    const places = await listPlacesWithMembers(tx, schemeId)
    const rows = await writeAlerts(
      past,
      categories,
      makeIncidents(deps.now(), places, new Set(categories.keys()), random),
    )
    const counts = await countRecipients(tx, schemeId, rows)
    const sent = rows.filter(({ first }) => counts.has(first))
    await insertReports(past, sent)
    await insertAlerts(past, sent)
    const messages = sent.flatMap((row) => messagesOf(past, row, counts.get(row.first) ?? []))
    await insertMessages(past, messages, gateways[0]?.name ?? '')
    await insertSteps(past, sent, messages)
    await insertCounters(past, rows)
    await seedRefusedReports(tx, deps, schemeId, desk.operator, { places, random })
    await recordOrders(past, sent, messages)
  })
}

interface Category {
  readonly code: string
  readonly labelFr: string
  readonly severity: Severity
  readonly template: string
  readonly level: CategoryLevel
}

async function listCategories(tx: Tx, schemeId: string): Promise<Map<string, Category>> {
  const categories = await tx
    .selectFrom('categories')
    .select(['code', 'labelFr', 'severity', 'template', 'level'])
    .where('schemeId', '=', schemeId)
    .execute()
  return new Map(categories.map((category) => [category.code, category]))
}

/** An alert of the past with all that its rows need. */
type PastAlert = ReturnType<typeof writeAlert>

/** Numbers and writes the alerts, oldest first, each with the words and the hash of its audience. */
async function writeAlerts(
  past: Past,
  categories: ReadonlyMap<string, Category>,
  incidents: readonly Incident[],
): Promise<PastAlert[]> {
  const { tx, schemeId, scheme } = past
  const context = { schemeId, territory: scheme.territory }
  const numbers = new Map<number, number>()
  const words = new Map<string, string>()
  const audiences = new Map<string, string>()
  const alerts: PastAlert[] = []
  for (const incident of incidents) {
    const { area, trade } = incident
    const trades = trade === undefined ? [] : [trade[0]]
    const key = JSON.stringify(area)
    const areaLabel = words.get(key) ?? areaWords(await describeArea(tx, context, area))
    words.set(key, areaLabel)
    const audienceKey = JSON.stringify([area, trades])
    const audience =
      audiences.get(audienceKey) ??
      (await findAudienceHashes(tx, [{ audience: { area, trades }, context }]))[0] ??
      ''
    audiences.set(audienceKey, audience)
    const year = yearIn(scheme.timeZone, incident.calledAt)
    const number = (numbers.get(year) ?? 0) + 1
    numbers.set(year, number)
    const reference = formatReference(scheme.referencePrefix, year, number)
    const category = categories.get(incident.categoryCode)!
    alerts.push(
      writeAlert(past, category, incident, { areaLabel, audience, reference, year, number, trades }),
    )
  }
  return alerts
}

/** Writes one alert, with its times and ids. */
function writeAlert(
  { scheme, random }: Past,
  category: Category,
  incident: Incident,
  known: {
    readonly areaLabel: string
    readonly audience: string
    readonly reference: string
    readonly year: number
    readonly number: number
    readonly trades: readonly string[]
  },
) {
  const { areaLabel } = known
  const { categoryCode, trade } = incident
  const [, ...phrases] = facts[categoryCode]!
  const pickedFacts = pick(phrases, random)
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
    faits: pickedFacts,
    conseil: scheme.closingAdvice,
  })
  return {
    ...incident,
    ...known,
    text,
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

function hashContent({ scheme, simulated }: Past, row: PastAlert): string {
  return contentHash({
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
}

async function insertReports({ tx, schemeId, by, chief }: Past, sent: readonly PastAlert[]): Promise<void> {
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
}

async function insertAlerts(past: Past, sent: readonly PastAlert[]): Promise<void> {
  const { tx, schemeId, desk, by, chief, simulated } = past
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
          trades: [...row.trades],
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
            submittedHash: hashContent(past, row),
            decision: 'approved' as const,
            decidedAt: row.orderedAt,
            decidedBy: chief.text,
            decidedById: desk.chief.kind === 'user' ? desk.chief.userId : actorName(desk.chief),
          }),
        }
      }),
    )
    .execute()
}

/** The first message of an alert and its closing message, with their counts by trade. */
type PastMessage = ReturnType<typeof messageOf>

function messagesOf(past: Past, row: PastAlert, counts: readonly Counts[]): PastMessage[] {
  const { scheme } = past
  const first = messageOf(past, row, counts, {
    kind: 'first',
    id: row.first,
    text: row.text,
    at: row.orderedAt,
    validUntil: row.expiresAt,
  })
  if (row.isEnded || !scheme.doctrine.closingMessage) return [first]
  const subject = {
    category: { labelFr: row.labelFr },
    placeWords: row.placeWords,
    reference: row.reference,
  }
  const until = addMilliseconds(row.closedAt, HOUR_MS)
  return [
    first,
    messageOf(past, row, counts, {
      kind: 'closing',
      id: row.closing,
      text: followUpText('closing', subject),
      at: row.closedAt,
      validUntil: until,
    }),
  ]
}

function messageOf(
  past: Past,
  row: PastAlert,
  counts: readonly Counts[],
  message: {
    readonly kind: 'first' | 'closing'
    readonly id: string
    readonly text: string
    readonly at: Date
    readonly validUntil: Date
  },
) {
  const { schemeId, scheme, by, chief, simulated } = past
  const { kind, id, text, at, validUntil } = message
  const { parts, encoding } = segmentMessage(withReference(text, row.reference), { fold: true })
  // A closing message is sent to those who received the alert or still may.
  const mine = counts.map((one) => (kind === 'first' ? one : toClosingCounts(one)))
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
      contentHash: kind === 'first' ? hashContent(past, row) : null,
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

async function insertMessages(
  { tx, schemeId }: Past,
  messages: readonly PastMessage[],
  gateway: string,
): Promise<void> {
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
}

/** Inserts the approvals and closing messages of the timelines. */
async function insertSteps(
  { tx, schemeId, chief }: Past,
  sent: readonly PastAlert[],
  messages: readonly PastMessage[],
): Promise<void> {
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
}

/** The next alert of each year takes the number after these. */
async function insertCounters({ tx, schemeId }: Past, alerts: readonly PastAlert[]): Promise<void> {
  const numbers = new Map(alerts.map(({ year, number }) => [year, number]))
  await tx
    .insertInto('alertCounters')
    .values([...numbers].map(([year, last]) => ({ schemeId, year, last })))
    .execute()
}

async function recordOrders(
  past: Past,
  sent: readonly PastAlert[],
  messages: readonly PastMessage[],
): Promise<void> {
  const { tx, schemeId, desk, simulated } = past
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
        contentHash: hashContent(past, row),
        area: row.area,
        trades: [...row.trades],
        planned: messages.find((message) => message.row.id === row.first)?.row.planned,
        simulated,
      },
    })),
  )
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
