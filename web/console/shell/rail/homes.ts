import type { Current, Right, RoleName } from '../current.tsx'
import type { ScreenPath } from './nav.ts'

/** The permissions that open the settings: the administrator of the platform sees the people only. */
export const SETTINGS_RIGHTS: readonly Right[] = ['doctrine.read', 'people.read']

/** Returns the first screen of a user in a scheme; the administrator of the platform may have none. */
export function homeOf({ id, role }: Pick<Current['scheme'], 'id' | 'role'>): ScreenPath {
  return id === '' ? '/dispositifs' : homes[role]
}

/** The first screen of each role. */
export const homes: Record<RoleName, ScreenPath> = {
  operator: '/salle',
  chief: '/salle',
  magistrate: '/a-valider',
  chamber: '/aujourdhui',
  trade_chamber: '/aujourdhui',
  admin: '/dispositifs',
  break_glass: '/reglages',
}
