import { z } from 'zod'
import type { Role as AnyAccountRole } from '../permissions.ts'
import type { ValuesOf } from './setting.ts'

/** Roles whose sessions are locked: not the break-glass account, which is open for an hour at most and has no factor to come back. */
type AccountRole = Exclude<AnyAccountRole, 'break_glass'>

/**
 * Minutes without activity after which a session of the console is locked. NIST SP 800-63B allows 30 at its second level; a screen
 * of a control room is among colleagues, one of a chamber or a prosecutor's office often is not.
 */
const DEFAULT_IDLE: NonNullable<AccountConfig['idleMinutes']> = {
  operator: 30,
  chief: 30,
  magistrate: 15,
  chamber: 15,
  trade_chamber: 15,
  admin: 15,
}
const MAX_IDLE_MINUTES = 720
const DEFAULT_IDLE_TEXT = Object.entries(DEFAULT_IDLE)
  .map(([role, minutes]) => `${role}=${minutes}`)
  .join(',')
/** `operator=20,chamber=10` */
const idleByRole = z.string().transform((text, context) => {
  const limits: Partial<Record<AccountRole, number>> = {}
  for (const item of text.split(',')) {
    const [name, typed = ''] = item.split('=').map((word) => word.trim())
    const role = (Object.keys(DEFAULT_IDLE) as AccountRole[]).find((known) => known === name)
    const minutes = Number(typed)
    if (role === undefined || !/^\d+$/.test(typed) || minutes < 1 || minutes > MAX_IDLE_MINUTES) {
      context.addIssue({ code: 'custom', message: 'role=minutes, with commas between' })
      return z.NEVER
    }
    limits[role] = minutes
  }
  return limits
})

/** Settings of cooling times and of sessions of the console. */
export const accountSettings = {
  TOCSIN_COOLING_HOURS: {
    schema: z.coerce.number().int().min(0).max(168).default(24),
    meaning:
      'Cooling time in hours, 0 to 168: between the proposal of a new account for dues (IBAN, BIC, creditor identifier, payee of cheques), or of any setting changed alone while others have the role or accounts were changed a short while ago, and the moment when it can be put in force; before somebody who was given a role above operator, or let back in, counts as the second person for settings; and before two accounts of which one invited, re-invited or recovered the other can be the second person of each other.',
    meaningFr:
      'Délai de sécurité en heures, de 0 à 168 : entre la proposition d’un nouveau compte pour les cotisations (IBAN, BIC, identifiant de créancier, ordre des chèques), ou d’un réglage changé seul alors que d’autres ont le rôle ou que des comptes viennent de changer, et sa mise en vigueur possible ; avant que compte comme seconde personne pour les réglages qui vient de recevoir un rôle au-dessus d’opérateur ou de retrouver l’accès ; avant que deux comptes, dont l’un a invité l’autre ou lui a rendu l’accès, puissent être la seconde personne l’un de l’autre.',
  },
  TOCSIN_IDLE_MINUTES: {
    schema: idleByRole.optional(),
    meaning: `Minutes without typing, clicking or scrolling after which a session of the console is locked, by role: ${DEFAULT_IDLE_TEXT} by default; roles left out keep theirs. 1 to ${MAX_IDLE_MINUTES}. The demo locks nothing unless it is set.`,
    meaningFr: `Minutes sans frappe, clic ni défilement au bout desquelles une session de la console se verrouille, par rôle : ${DEFAULT_IDLE_TEXT} par défaut ; les rôles omis gardent la leur. De 1 à ${MAX_IDLE_MINUTES}. La démonstration ne verrouille rien sans ce réglage.`,
  },
  TOCSIN_SESSION_HOURS: {
    schema: z.coerce.number().int().min(1).max(24).default(12),
    meaning: 'Hours after which a session of the console ends, even if it is in use, 1 to 24.',
    meaningFr: 'Heures au bout desquelles une session de la console prend fin, même en usage, de 1 à 24.',
  },
} as const

type AccountValues = ValuesOf<typeof accountSettings>

/** Cooling times, and sessions of the console. */
export interface AccountConfig {
  /** Hours before a new account for dues can be put in force. */
  readonly coolingHours: number
  /** Minutes without activity after which a session is locked, by role; undefined: sessions are not locked. */
  readonly idleMinutes: Readonly<Record<AccountRole, number>> | undefined
  /** Hours after which a session of the console ends. */
  readonly sessionHours: number
}

/** Puts together the settings of accounts. */
export function toAccountConfig(v: AccountValues, demo: boolean): AccountConfig {
  return {
    coolingHours: v.TOCSIN_COOLING_HOURS,
    idleMinutes: idleMinutesOf(v, demo),
    sessionHours: v.TOCSIN_SESSION_HOURS,
  }
}

function idleMinutesOf(v: AccountValues, demo: boolean): AccountConfig['idleMinutes'] {
  if (demo && v.TOCSIN_IDLE_MINUTES === undefined) return undefined
  return Object.freeze({ ...DEFAULT_IDLE, ...v.TOCSIN_IDLE_MINUTES })
}
