import type { AboutView } from '../../../src/identity/contract.ts'
import type { TextKey } from '../../ui/text.ts'
import type { Current, Right, RoleName } from './current.tsx'

export type ScreenPath =
  | '/salle'
  | '/a-valider'
  | '/alertes'
  | '/journal'
  | '/series'
  | '/adherents'
  | '/importer'
  | '/secteurs'
  | '/numeros'
  | '/cotisations'
  | '/demandes'
  | '/statistiques'
  | '/messages'
  | '/routes'
  | '/reglages'
  | '/audit'
  | '/audit-installation'
  | '/telephones'

interface Screen {
  to: ScreenPath
  label: TextKey
  /** Any of these permissions opens it. */
  right: Right | readonly Right[] | 'demo'
}

/** The permissions that open the settings: the administrator of the platform sees the people only. */
export const SETTINGS_RIGHTS: readonly Right[] = ['doctrine.read', 'people.read']

export const screens: readonly Screen[] = [
  { to: '/salle', label: 'nav.room', right: 'alert.compose' },
  { to: '/a-valider', label: 'nav.approvals', right: 'report.read' },
  { to: '/alertes', label: 'nav.alerts', right: 'alert.read' },
  { to: '/journal', label: 'nav.journal', right: 'report.read' },
  { to: '/series', label: 'nav.series', right: 'series.read' },
  { to: '/adherents', label: 'nav.members', right: 'member.read' },
  { to: '/importer', label: 'nav.import', right: 'member.import' },
  { to: '/secteurs', label: 'nav.sectors', right: 'sector.manage' },
  { to: '/numeros', label: 'nav.numbers', right: 'number.read' },
  { to: '/cotisations', label: 'nav.dues', right: 'dues.read' },
  { to: '/demandes', label: 'nav.enrolments', right: 'enrolment.read' },
  { to: '/messages', label: 'nav.messages', right: 'message.read' },
  { to: '/statistiques', label: 'nav.statistics', right: 'statistics.read' },
  { to: '/routes', label: 'nav.routes', right: 'route.read' },
  { to: '/audit', label: 'nav.audit', right: 'audit.read' },
  { to: '/audit-installation', label: 'nav.installationAudit', right: 'audit.read_installation' },
  { to: '/reglages', label: 'nav.settings', right: SETTINGS_RIGHTS },
  { to: '/telephones', label: 'nav.phones', right: 'demo' },
]

/** Returns the screens that this user may open, in order; the wall of phones only for a visitor of the demo. */
export function screensFor(current: Current | null, about: AboutView | undefined): readonly Screen[] {
  return screens.filter((screen) => {
    if (screen.right === 'demo') return about?.demo === true
    const rights = typeof screen.right === 'string' ? [screen.right] : screen.right
    return rights.some((right) => current?.may(right) ?? false)
  })
}

/** Returns the first screen of a user in a scheme; without any scheme, of the administrator of the platform. */
export function homeOf({ id, role }: Pick<Current['scheme'], 'id' | 'role'>): ScreenPath {
  return id === '' ? '/audit-installation' : homes[role]
}

/** The first screen of each role. */
export const homes: Record<RoleName, ScreenPath> = {
  operator: '/salle',
  chief: '/salle',
  magistrate: '/a-valider',
  chamber: '/adherents',
  trade_chamber: '/adherents',
  admin: '/reglages',
  break_glass: '/reglages',
}
