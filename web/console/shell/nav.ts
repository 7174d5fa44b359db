import type { AboutView } from '../../../src/identity/contract.ts'
import type { TextKey } from '../../ui/text.ts'
import type { Current, Right, RoleName } from './current.tsx'

export type ScreenPath =
  | '/salle'
  | '/a-valider'
  | '/alertes'
  | '/mes-alertes'
  | '/journal'
  | '/series'
  | '/adherents'
  | '/demandes'
  | '/routes'
  | '/telephones'

interface Screen {
  to: ScreenPath
  label: TextKey
  right: Right | 'demo'
  /** Which roles see it, when the right alone does not tell. */
  roles?: readonly RoleName[]
}

export const screens: readonly Screen[] = [
  { to: '/salle', label: 'nav.room', right: 'alert.compose' },
  { to: '/a-valider', label: 'nav.approvals', right: 'report.read' },
  { to: '/mes-alertes', label: 'nav.mine', right: 'alert.read', roles: ['member'] },
  {
    to: '/alertes',
    label: 'nav.alerts',
    right: 'alert.read',
    roles: ['operator', 'chief', 'magistrate', 'chamber'],
  },
  { to: '/journal', label: 'nav.journal', right: 'report.read' },
  { to: '/series', label: 'nav.series', right: 'series.read' },
  {
    to: '/adherents',
    label: 'nav.members',
    right: 'member.read',
    roles: ['operator', 'chief', 'magistrate', 'chamber', 'trade_chamber'],
  },
  { to: '/demandes', label: 'nav.enrolments', right: 'enrolment.read' },
  { to: '/routes', label: 'nav.routes', right: 'route.read' },
  { to: '/telephones', label: 'nav.phones', right: 'demo' },
]

/** The screens that this person may open, in order; the wall of phones alone for a visitor of the demo. */
export function screensFor(current: Current | null, about: AboutView | undefined): readonly Screen[] {
  return screens.filter((screen) => {
    if (screen.right === 'demo') return about?.demo === true
    if (current === null || !current.may(screen.right)) return false
    return screen.roles?.includes(current.scheme.role) ?? true
  })
}

/** Where each role starts. */
export const homes: Record<RoleName, ScreenPath> = {
  operator: '/salle',
  chief: '/salle',
  magistrate: '/a-valider',
  chamber: '/adherents',
  trade_chamber: '/adherents',
  member: '/mes-alertes',
}
