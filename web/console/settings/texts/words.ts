import type { CategoryItem } from '../../../../src/schemes/categories/contract.ts'
import type { TextKey } from '../../../ui/text.ts'

export const SEVERITIES = {
  vital: 'settings.severity.vital',
  alert: 'settings.severity.alert',
  notice: 'settings.severity.notice',
} as const satisfies Record<CategoryItem['severity'], TextKey>

export const LEVELS = {
  prevention: 'doctrine.level.prevention',
  established: 'doctrine.level.established',
} as const satisfies Record<CategoryItem['level'], TextKey>

export const AREAS = {
  commune: 'texts.area.commune',
  neighbours: 'texts.area.neighbours',
  epci: 'texts.area.epci',
  arrondissement: 'texts.area.arrondissement',
  departement: 'texts.area.departement',
  scheme: 'texts.area.scheme',
} as const satisfies Record<NonNullable<CategoryItem['area']>, TextKey>

export const SERVICE_WORDS: Readonly<Record<string, TextKey>> = {
  dispositif: 'texts.variable.dispositif',
  chambre: 'texts.variable.chambre',
  commerce: 'texts.variable.commerce',
  telephone: 'texts.variable.telephone',
  annee: 'texts.variable.annee',
  lien: 'texts.variable.lien',
}

export const VARIABLES = {
  lieu: 'texts.variable.lieu',
  zone: 'texts.variable.zone',
  heure: 'texts.variable.heure',
  date: 'texts.variable.date',
  metier: 'texts.variable.metier',
  faits: 'texts.variable.faits',
  conseil: 'texts.variable.conseil',
} as const satisfies Record<string, TextKey>
