import { sql } from 'kysely'
import { memberSince, townOfLetter } from '../../members/store.ts'
import { type Row, rowsOf, type Section } from './section.ts'

/** The business, its people, and how they joined. */
export const BUSINESS: readonly Section[] = [
  {
    name: 'business',
    tables: ['members'],
    columns: {
      name: [32, 'text'],
      siret: [28, 'siret'],
      naf: [14, 'text'],
      trade: [25, 'trade'],
      address: [38, 'text'],
      status: [16, { words: 'own.csv.status' }],
      joinedOn: [22, 'day'],
      charterOn: [22, 'day'],
    },
    read: rowsOf(
      ({ scheme, business }) => sql<Row>`
        select m.name, m.siret, coalesce(m.naf, m.naf2025) as naf, m.naf2025, m.trade,
          concat_ws(', ', m.address, ${townOfLetter}) as address, m.status,
          ${memberSince(scheme)} as joined_on, m.charter_on::text as charter_on, m.created_at, m.admitted_at, m.updated_at, m.latitude, m.longitude,
          m.quiet_from as quiet_from_minute, m.quiet_to as quiet_to_minute, m.merged_into is not null as merged
        from members m left join communes c on c.code = m.commune_code
        where m.scheme_id = ${scheme} and m.id = ${business} order by m.merged_into is not null, m.created_at`,
    ),
  },
  {
    name: 'people',
    tables: ['contacts'],
    columns: {
      person: [44, 'text'],
      mobile: [34, 'phone'],
      mail: [52, 'text'],
      sms: [16, 'yes'],
      mobileAt: [24, 'day'],
    },
    read: rowsOf(
      ({ scheme, contacts }) => sql<Row>`
        select person, mobile, mail, sms, mobile_at, lang from contacts where scheme_id = ${scheme} and id = ${contacts}
        order by position, id`,
    ),
  },
  {
    name: 'names',
    tables: ['member_aliases'],
    columns: { name: [170, 'text'] },
    read: rowsOf(
      ({ scheme, business }) => sql<Row>`
        select search_name as name from member_aliases where scheme_id = ${scheme} and member_id = ${business}`,
    ),
  },
  {
    name: 'corrections',
    tables: ['member_corrections'],
    columns: {
      askedAt: [22, 'day'],
      name: [34, 'text'],
      siret: [28, 'siret'],
      trade: [26, 'trade'],
      address: [38, 'text'],
      declinedAt: [22, 'day'],
    },
    read: rowsOf(
      ({ scheme, business }) => sql<Row>`
        select r.asked_at, r.name, r.siret, r.trade, concat_ws(' ', r.address, r.postal_code, k.name) as address,
          r.declined_at, r.reason
        from member_corrections r left join communes k on k.code = r.commune_code
        where r.scheme_id = ${scheme} and r.member_id = ${business}`,
    ),
  },
  {
    name: 'memberNotes',
    tables: ['member_notes'],
    columns: { at: [28, 'moment'], text: [142, 'text'] },
    read: rowsOf(
      ({ scheme, business }) => sql<Row>`
        select written_at as at, text, author_name as author, edited_at from member_notes
        where scheme_id = ${scheme} and member_id = ${business} and removed_at is null order by written_at, id`,
    ),
  },
  {
    name: 'tags',
    tables: ['member_tags'],
    columns: { name: [170, 'text'] },
    read: rowsOf(
      ({ scheme, business }) => sql<Row>`
        select distinct t.name from member_tags t join members m on m.scheme_id = t.scheme_id and t.id = any (m.tags)
        where t.scheme_id = ${scheme} and m.id = ${business} and t.removed_at is null order by t.name`,
    ),
  },
  {
    name: 'charter',
    tables: ['charter_signatures'],
    columns: {
      version: [16, 'text'],
      signedName: [50, 'text'],
      mobile: [34, 'phone'],
      mail: [46, 'text'],
      signedAt: [24, 'moment'],
    },
    read: rowsOf(
      ({ scheme, business, contacts, phones, mails }) => sql<Row>`
        select version, sha256, signed_name, mobile, mail, signed_at from charter_signatures
        where scheme_id = ${scheme} and (member_id = ${business} or contact_id = ${contacts} or mobile = ${phones}
          or lower(mail) = ${mails}) order by signed_at`,
    ),
  },
  {
    name: 'enrolments',
    tables: ['enrolments'],
    columns: {
      name: [36, 'text'],
      person: [34, 'text'],
      mobile: [28, 'phone'],
      mail: [40, 'text'],
      createdAt: [20, 'day'],
      state: [18, { words: 'file.enrolment' }],
    },
    read: rowsOf(
      ({ scheme, business, phones, mails }) => sql<Row>`
        select name, siret, concat_ws(', ', address, postal_code) as address, person, mobile, mail, created_at, submitted_at, state, decided_at, reason, note from enrolments
        where scheme_id = ${scheme} and (member_id = ${business} or mobile = ${phones} or lower(mail) = ${mails})
        order by created_at`,
    ),
  },
  {
    name: 'onCall',
    tables: ['on_call_people', 'on_call_absences'],
    columns: {
      name: [50, 'text'],
      service: [50, 'text'],
      phone: [34, 'phone'],
      mail: [36, 'text'],
    },
    read: rowsOf(
      ({ scheme, phones, mails }) => sql<Row>`
        select p.name, p.service, p.role, p.phone, p.mail, p.hours, p.created_at, p.removed_at from on_call_people p
        where p.scheme_id = ${scheme} and (p.phone = ${phones} or lower(p.mail) = ${mails}) order by p.created_at`,
    ),
  },
]
