import { z } from 'zod'
import type { Environment } from './setting.ts'

/** The setting of the language. */
export const languageSettings = {
  TOCSIN_LANG: {
    schema: z.enum(['fr', 'en']).optional(),
    meaning: 'Language of the terminal: fr or en. Default: that of LANG when it is one of both, else fr.',
    meaningFr: 'Langue du terminal : fr ou en. Par défaut : celle de LANG si c’est l’une des deux, sinon fr.',
  },
} as const

/** Returns the language of the terminal. It is read separately, since errors in the settings are reported in it too. */
export function readLang(env: Environment): 'fr' | 'en' {
  for (const value of [env.TOCSIN_LANG, env.LC_ALL, env.LC_MESSAGES, env.LANG]) {
    const lang = value?.slice(0, 2).toLowerCase()
    if (lang === 'fr' || lang === 'en') return lang
  }
  return 'fr'
}
