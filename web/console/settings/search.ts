export const settingsParts = [
  'dispositif',
  'doctrine',
  'services',
  'textes',
  'sollicitation',
  'reponses',
  'personnes',
  'acces',
  'astreintes',
  'observateurs',
  'tracage',
  'adhesion',
  'metiers',
  'cotisations',
  'messages',
  'courriel',
  'repli',
  'changements',
  'donnees',
  'secours',
] as const
export type SettingsPart = (typeof settingsParts)[number]

export interface SettingsSearch {
  partie?: SettingsPart
  /** The member who made a request about personal data. */
  membre?: string
  /** Opens the form of an invitation. */
  nouveau?: 'oui'
}
