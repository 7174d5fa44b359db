import type { Say } from '../../ui/text.ts'

const BUSINESS = [
  'name',
  'legalName',
  'siret',
  'naf',
  'trade',
  'commune',
  'postalCode',
  'insee',
  'address',
  'latitude',
  'longitude',
  'status',
] as const
const CONTACT = ['person', 'firstName', 'lastName', 'mobile', 'phone', 'mail'] as const
/** Contacts that are offered, beside those that the file has. */
const OFFERED = 3

/** What a column may hold, in the reader's language; what the file holds already is always among it. */
export function fieldChoices(t: Say, held: readonly (string | null)[]): { group: string; items: Choice[] }[] {
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
