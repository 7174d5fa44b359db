import type { CategoryItem } from '../../../../src/schemes/categories/contract.ts'
import type { TextKey } from '../../../ui/format/text.ts'

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

const SERVICE_WORDS: Readonly<Record<string, TextKey>> = {
  dispositif: 'texts.variable.dispositif',
  chambre: 'texts.variable.chambre',
  commerce: 'texts.variable.commerce',
  telephone: 'texts.variable.telephone',
  annee: 'texts.variable.annee',
  lien: 'texts.variable.lien',
  montant: 'texts.variable.montant',
  echeance: 'texts.variable.echeance',
  motif: 'texts.variable.motif',
  precision: 'texts.variable.precision',
  expediteur: 'texts.variable.expediteur',
  personne: 'texts.variable.personne',
  version: 'texts.variable.version',
  jour: 'texts.variable.jour',
  fin: 'texts.variable.fin',
}

/** Returns the meaning of variables of a text of service. */
export function variableWords(names: readonly string[]): Readonly<Record<string, TextKey>> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const key = SERVICE_WORDS[name]
      return key === undefined ? [] : [[name, key]]
    }),
  )
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
