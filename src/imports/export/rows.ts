import { isMobile, STATUS_NAMES } from '../../members/rules.ts'
import type { MemberStatus } from '../../schema.ts'
import { findTrade, type Trade } from '../../schemes/trades/trades.ts'
import { NOTE_SEPARATOR, noteInCell } from '../import/check/extras.ts'

/** A member as a row of the list. */
export interface ExportedMember {
  readonly name: string
  readonly siret: string | null
  readonly naf: string | null
  readonly naf2025: string | null
  readonly trade: string
  readonly communeCode: string
  readonly communeName: string
  readonly address: string | null
  readonly postalCode: string | null
  /** YYYY-MM-DD. */
  readonly joinedOn: string | null
  readonly latitude: number | null
  readonly longitude: number | null
  readonly status: MemberStatus
  /** YYYY-MM-DD. */
  readonly charterOn: string | null
  readonly tagNames: readonly string[]
  readonly notes: readonly string[]
  readonly contacts: readonly {
    readonly person: string
    readonly mobile: string | null
    readonly mail: string | null
  }[]
}

const BUSINESS = [
  'Enseigne',
  'SIRET',
  'Code NAF',
  'Code NAF 2025',
  'Métier',
  'Commune',
  'Code INSEE',
  'Code postal',
  'Adresse',
  'Latitude',
  'Longitude',
  'Date d’adhésion',
  'Statut',
  'Charte signée le',
  'Étiquettes',
  'Notes',
] as const
const CONTACT = ['Contact', 'Mobile', 'Téléphone', 'Mail'] as const

/** Returns the headers of a list with up to so many contacts per member, all of which the import knows. */
export function exportHeader(contacts: number): string[] {
  const groups = Array.from({ length: contacts }, (_, n) =>
    CONTACT.map((name) => (n === 0 ? name : `${name} ${n + 1}`)),
  )
  return [...BUSINESS, ...groups.flat()]
}

/** Formats a French number in the national format, and others with their country code. */
function formatPhone(phone: string): string {
  return /^\+33\d{9}$/.test(phone) ? phone.replace('+33', '0').replace(/(\d{2})(?=\d)/g, '$1 ') : phone
}

/** Formats a member as a row of the list. */
export function exportRow(
  member: ExportedMember,
  contacts: number,
  ownTrades: readonly Trade[] = [],
): string[] {
  const groups = Array.from({ length: contacts }, (_, n) => {
    const contact = member.contacts[n]
    const phone = contact?.mobile ?? null
    const isMobilePhone = phone !== null && isMobile(phone)
    return [
      contact?.person ?? '',
      phone !== null && isMobilePhone ? formatPhone(phone) : '',
      phone !== null && !isMobilePhone ? formatPhone(phone) : '',
      contact?.mail ?? '',
    ]
  })
  return [
    member.name,
    member.siret ?? '',
    member.naf ?? '',
    member.naf2025 ?? '',
    findTrade(member.trade, ownTrades)?.nameFr ?? member.trade,
    member.communeName,
    member.communeCode,
    member.postalCode ?? '',
    member.address ?? '',
    member.latitude === null ? '' : String(member.latitude),
    member.longitude === null ? '' : String(member.longitude),
    member.joinedOn ?? '',
    STATUS_NAMES[member.status],
    member.charterOn ?? '',
    member.tagNames.join(', '),
    member.notes.map(noteInCell).join(NOTE_SEPARATOR),
    ...groups.flat(),
  ]
}
