import { sql } from 'kysely'
import { deliveriesTo, findReceiver } from '../../deliveries/plan/receivers.ts'
import { listReceivedMessages } from '../../messages/received.ts'
import { type Row, rowsOf, type Section } from './section.ts'

/** More than a member gets in the time for which deliveries are kept. */
const MAX_MESSAGES = 10_000

/**
 * Messages sent to the person: for an alert its reference, number and outcome. The text is left out: it says nothing about the
 * person.
 */
export const MESSAGES: readonly Section[] = [
  {
    name: 'smsChoices',
    tables: ['opt_outs', 'former_numbers'],
    columns: {
      at: [32, 'moment'],
      phone: [36, 'phone'],
      takes: [22, 'yes'],
      how: [32, { words: 'own.csv.how' }],
      reason: [48, 'text'],
    },
    read: rowsOf(
      ({ scheme, business, phones }) => sql<Row>`
        select at, phone, takes, how, reason from opt_outs
        where scheme_id = ${scheme} and (member_id = ${business} or phone = ${phones})
        union all
        select at, phone, false, 'former', null from former_numbers where scheme_id = ${scheme} and phone = ${phones} order by 1`,
    ),
  },
  {
    name: 'numbers',
    tables: ['number_health', 'reconfirmations', 'solicitations'],
    columns: {
      phone: [40, 'phone'],
      state: [46, { words: 'file.number' }],
      since: [28, 'day'],
      deliveredAt: [32, 'moment'],
      alertsInWeek: [24, 'text'],
    },
    read: rowsOf(
      ({ scheme, contacts, phones }) => sql<Row>`
        select h.phone, h.state::text as state, h.since, h.delivered_at, cardinality(s.latest) as alerts_in_week
        from number_health h left join solicitations s on s.scheme_id = h.scheme_id and s.phone = h.phone
        where h.scheme_id = ${scheme} and h.phone = ${phones}
        union all
        select phone, 'asked_' || state, asked_at, answered_at, null from reconfirmations
        where scheme_id = ${scheme} and contact_id = ${contacts} order by 1, 3`,
    ),
  },
  {
    name: 'alerts',
    tables: ['deliveries', 'alert_reads'],
    columns: {
      at: [32, 'moment'],
      reference: [26, 'text'],
      label: [44, 'label'],
      phone: [32, 'phone'],
      state: [36, { words: 'file.delivery' }],
    },
    read: async (tx, { schemeId, memberIds: [memberId], isWhole, phones, isOfTrades }) => {
      const found = memberId === undefined ? undefined : await findReceiver(tx, schemeId, memberId)
      if (found === undefined) return []
      // Other holders of a shared number may be of another trade.
      const receiver = isOfTrades ? { ...found, shared: [], holders: [] } : found
      const { rows } = await sql<Row>`
        select b.ordered_at as at, a.reference, b.kind as message, g.label_fr, g.label_en, d.phone, d.state,
          coalesce(d.settled_at, d.accepted_at) as state_at, (
            select min(r.read_at) from alert_reads r
            where r.scheme_id = a.scheme_id and r.alert_id = a.id and r.member_id = any (${receiver.ids}::uuid[])) as read_at
        from broadcasts b
        join alerts a on a.scheme_id = b.scheme_id and a.id = b.alert_id and a.ordered_at is not null
        join categories g on g.scheme_id = a.scheme_id and g.code = a.category_code
        -- The limit makes the database look up the deliveries of each broadcast by index.
        cross join lateral (select d.phone, d.state, d.settled_at, d.accepted_at ${deliveriesTo(receiver)} limit 100) d
        where b.scheme_id = ${schemeId} and (${isWhole} or d.phone = any (${phones}::text[]))
        order by b.ordered_at, b.id limit ${MAX_MESSAGES}`.execute(tx)
      return rows
    },
  },
  {
    name: 'heldBack',
    tables: ['held_back'],
    columns: {
      heldAt: [36, 'moment'],
      reference: [34, 'text'],
      phone: [40, 'phone'],
      reason: [60, { words: 'file.held' }],
    },
    read: rowsOf(
      ({ scheme, business, phones }) => sql<Row>`
        select h.held_at, a.reference, h.phone, h.reason, h.notified_at from held_back h
        join alerts a on a.scheme_id = h.scheme_id and a.id = h.alert_id
        where h.scheme_id = ${scheme} and (h.member_id = ${business} or h.phone = ${phones}) order by h.held_at`,
    ),
  },
  {
    name: 'messages',
    tables: ['service_messages', 'service_message_mails', 'service_message_receivers'],
    columns: {
      at: [32, 'moment'],
      channel: [22, { words: 'own.csv' }],
      text: [90, 'text'],
      state: [26, { words: 'own.csv.message' }],
    },
    read: async (tx, { schemeId, memberIds: [memberId], isWhole }) => {
      if (memberId === undefined || !isWhole) return []
      const messages = await listReceivedMessages(tx, schemeId, memberId, { limit: MAX_MESSAGES })
      return messages.map(({ at, channel, subject, text, state }) => ({ at, channel, subject, text, state }))
    },
  },
  {
    name: 'mails',
    tables: ['outbox', 'member_notices'],
    columns: {
      at: [40, 'moment'],
      channel: [30, { words: 'own.csv' }],
      address: [70, 'text'],
      sentAt: [30, 'moment'],
    },
    read: rowsOf(
      ({ scheme, business, phones, mails }) => sql<Row>`
        select created_at as at, channel, address, template, case when code_id is null then "values" end as "values", sent_at, reached_at
        from outbox where scheme_id = ${scheme} and (member_id = ${business} or address = ${phones} or lower(address) = ${mails})
        union all
        select due_at, channel, '', kind, null, sent_at, reached_at from member_notices
        where scheme_id = ${scheme} and member_id = ${business} order by 1`,
    ),
  },
]
