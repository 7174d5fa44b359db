import type { FormatMessage } from '../../ui/format/text.ts'

const BUSINESS = [
  'name',
  'legalName',
  'siret',
  'naf',
  'naf2025',
  'trade',
  'commune',
  'postalCode',
  'insee',
  'address',
  'joinedOn',
  'latitude',
  'longitude',
  'status',
  'charterOn',
  'duesPaid',
  'tags',
  'note',
] as const
const CONTACT = ['person', 'firstName', 'lastName', 'mobile', 'phone', 'mail'] as const
/** Number of contacts offered in addition to those of the file. */
const OFFERED = 3

/** Returns the fields that a column may hold, in the user's language, including those already assigned. */
export function fieldChoices(
  t: FormatMessage,
  held: readonly (string | null)[],
): { group: string; items: Choice[] }[] {
  const most = Math.max(OFFERED, ...held.map((field) => Number(field?.split('.')[1] ?? 0)))
  return [
    {
      group: t('import.group.business'),
      items: BUSINESS.map((field) => ({ value: field, label: t(`import.field.${field}`) })),
    },
    ...Array.from({ length: most }, (_, index) => index + 1).map((n) => ({
      group: t('import.group.contact', { n }),
      items: CONTACT.map((field) => ({
        value: `${field}.${n}`,
        label: n === 1 ? t(`import.field.${field}`) : `${t(`import.field.${field}`)} ${n}`,
      })),
    })),
  ]
}

interface Choice {
  value: string
  label: string
}
