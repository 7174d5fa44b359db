import { sql } from 'kysely'
import type { z } from 'zod'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import type { HandsetView as SimulatedHandset, Smsc } from '../gateways/sms/simulator/smsc.ts'
import { segmentMessage } from '../message/segment.ts'
import type { Db } from '../platform/db.ts'
import { type App, addEndpoint, openEventStream } from '../platform/http/http.ts'
import { searchName } from '../territory/places/spelling.ts'
import type { Handset, HandsetQuery } from './contract.ts'
import { handsetEndpoints } from './endpoints.ts'
import { ISSOIRE } from './members.ts'

/**
 * Registers the wall of phones of the demo: the phones of the SMSC simulator, completed with members' phones that
 * received nothing yet. Registered in demo mode only.
 */
export function handsetRoutes(app: App, deps: Pick<Deps, 'db'>, smsc: Smsc): void {
  addEndpoint(app, handsetEndpoints.listHandsets, async (request) => ({
    handsets: await listHandsets(deps.db, smsc, request.query),
  }))

  addEndpoint(app, handsetEndpoints.setHandsetState, async (request) => {
    const phone = await knownPhone(request.params.phone)
    return withOwner(smsc.setHandset(phone, { state: request.body.state }))
  })

  addEndpoint(app, handsetEndpoints.replyFromHandset, async (request) => {
    const phone = await knownPhone(request.params.phone)
    if (!smsc.reply(phone, request.body.text)) throw new AppError('no_route')
  })

  addEndpoint(app, handsetEndpoints.watchHandsets, (request, reply) => {
    let unsubscribe = () => {}
    const stream = openEventStream(request, reply, () => unsubscribe())
    unsubscribe = smsc.onEvent((event) => {
      if (event.type === 'message') {
        const { id, from, text } = event
        const message = { id, from, text, receivedAt: new Date().toISOString(), parts: countParts(text) }
        stream.send({ type: 'message', phone: `+${event.number}`, message })
      } else if (event.type === 'handset') {
        stream.send({ type: 'state', phone: `+${event.number}`, state: event.state })
      }
    })
  })

  /** Normalises a number. @throws AppError `not_found` when neither a member nor the simulator has it. */
  async function knownPhone(number: string): Promise<string> {
    const phone = `+${digitsOf(number)}`
    if (smsc.handset(phone) === undefined && !(await findOwners(deps.db, [phone])).has(phone)) {
      throw new AppError('not_found')
    }
    return phone
  }

  async function withOwner(handset: SimulatedHandset): Promise<Handset> {
    const shown = toHandset(handset)
    const owners = await findOwners(deps.db, [shown.phone])
    return { ...shown, owner: owners.get(shown.phone) ?? null }
  }
}

async function listHandsets(
  db: Db,
  smsc: Smsc,
  { q, limit }: z.infer<typeof HandsetQuery>,
): Promise<Handset[]> {
  const used = smsc.handsets().map(toHandset)
  used.sort((a, b) => lastReceived(b).localeCompare(lastReceived(a)))
  if (q === '') {
    const shown = used.slice(0, limit)
    const owners = await findOwners(
      db,
      shown.map((handset) => handset.phone),
    )
    const named = shown.map((handset) => ({ ...handset, owner: owners.get(handset.phone) ?? null }))
    return named.length < limit ? [...named, ...(await listSilentPhones(named, ''))] : named
  }
  const digits = digitsOf(q).replace(/^0/, '')
  const owners = await findOwners(
    db,
    used.map((handset) => handset.phone),
  )
  const name = searchName(q)
  const found = used
    .map((handset) => ({ ...handset, owner: owners.get(handset.phone) ?? null }))
    .filter(({ phone, owner }) =>
      /\p{L}/u.test(q)
        ? owner !== null && searchName(owner).includes(name)
        : digits !== '' && phone.includes(digits),
    )
    .slice(0, limit)
  return found.length < limit ? [...found, ...(await listSilentPhones(found, q))] : found

  /** Lists members' phones that the simulator has not seen. */
  async function listSilentPhones(shown: readonly Handset[], query: string): Promise<Handset[]> {
    const taken = new Set(used.map((handset) => handset.phone))
    const members = await findMemberPhones(db, query, [...taken], limit - shown.length)
    return members.map(({ phone, owner }) => ({ phone, owner, state: 'on' as const, messages: [] }))
  }
}

function toHandset(handset: SimulatedHandset): Handset {
  const messages = handset.messages
    .map((message) => ({ ...message, parts: countParts(message.text) }))
    .reverse()
  return { phone: `+${handset.number}`, owner: null, state: handset.state, messages }
}

function lastReceived(handset: Handset): string {
  return handset.messages[0]?.receivedAt ?? ''
}

function countParts(text: string): number {
  return segmentMessage(text, { fold: false }).parts.length
}

function digitsOf(text: string): string {
  return text.replaceAll(/[^0-9]/g, '')
}

/** Finds owners over all schemes, which are all demo schemes here. */
async function findOwners(db: Db, phones: readonly string[]): Promise<Map<string, string>> {
  if (phones.length === 0) return new Map()
  const { rows } = await sql<{ phone: string; owner: string }>`
    select phone, min(name) as owner from on_call_people where phone = any (${phones}::text[]) group by phone
    union all
    select k.mobile, min(m.name)
    from schemes s
    join contacts k on k.scheme_id = s.id and k.mobile = any (${phones}::text[])
    join members m on m.scheme_id = k.scheme_id and m.id = k.member_id
    group by k.mobile
    union all
    select phone, min(name) from observers where phone = any (${phones}::text[]) group by phone`.execute(db)
  return new Map(rows.map(({ phone, owner }) => [phone, owner]))
}

/** Lists members' phones, first those of the town of the demo's stories. */
async function findMemberPhones(
  db: Db,
  query: string,
  except: readonly string[],
  limit: number,
): Promise<{ phone: string; owner: string }[]> {
  const digits = digitsOf(query).replace(/^0/, '')
  const name = searchName(query)
  const match = /\p{L}/u.test(query)
    ? sql`m.search_name like ${`%${name}%`}`
    : digits === ''
      ? sql`true`
      : sql`k.mobile like ${`%${digits}%`}`
  const { rows } = await sql<{ phone: string; owner: string }>`
    select k.mobile as phone, min(m.name) as owner
    from members m
    join contacts k on k.scheme_id = m.scheme_id and k.member_id = m.id
    where k.sms and m.status = 'active' and ${match} and k.mobile <> all (${except}::text[])
    group by k.mobile
    order by bool_or(m.scheme_id = 'ac63') desc, bool_or(m.commune_code = ${ISSOIRE}) desc, min(m.search_name), k.mobile
    limit ${limit}`.execute(db)
  return rows
}
