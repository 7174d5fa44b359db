import type { TextKey } from '../../../ui/format/text.ts'
import type { Current, Right } from '../current.tsx'
import { SETTINGS_RIGHTS } from './homes.ts'

export type ScreenPath =
  | '/salle'
  | '/aujourdhui'
  | '/a-valider'
  | '/alertes'
  | '/journal'
  | '/series'
  | '/releve'
  | '/adherents'
  | '/adherents/doublons'
  | '/importer'
  | '/secteurs'
  | '/numeros'
  | '/cotisations'
  | '/cotisations/paiements'
  | '/cotisations/prelevements'
  | '/cotisations/comptabilite'
  | '/demandes'
  | '/statistiques'
  | '/messages'
  | '/routes'
  | '/reglages'
  | '/audit'
  | '/audit-installation'
  | '/dispositifs'
  | '/exploitation'

/** A screen that the rail leads to. */
export interface NavLink {
  readonly to: ScreenPath
  readonly label: TextKey
  /** Any of these permissions opens it. */
  readonly right: Right | readonly Right[]
}

/** An entry of the rail, with the screens that unfold under it. */
export interface NavEntry extends NavLink {
  /** The first of them is the screen of the entry itself. */
  readonly parts?: readonly NavLink[]
  /** Further screens of which it is the current entry: they have a list of their own. */
  readonly covers?: readonly ScreenPath[]
}

export interface NavSection {
  readonly label?: TextKey
  readonly entries: readonly NavEntry[]
}

export interface Rail {
  readonly sections: readonly NavSection[]
  /** At the bottom. */
  readonly foot: readonly NavEntry[]
  /** The screens of the bar at the bottom of a phone; the others are behind its last button. */
  readonly pinned: readonly ScreenPath[]
}

const PINNED = 4

const alerts: NavEntry = { to: '/alertes', label: 'nav.alerts', right: 'alert.read' }
const statistics: NavEntry = { to: '/statistiques', label: 'nav.statistics', right: 'statistics.read' }
const members: NavEntry = {
  to: '/adherents',
  label: 'nav.members',
  right: 'member.read',
  parts: [
    { to: '/adherents', label: 'nav.list', right: 'member.read' },
    { to: '/demandes', label: 'nav.enrolments', right: 'enrolment.read' },
    { to: '/numeros', label: 'nav.numbers', right: 'number.read' },
    { to: '/adherents/doublons', label: 'nav.doubles', right: 'member.merge' },
    { to: '/importer', label: 'nav.import', right: 'member.import' },
  ],
}
const dues: NavEntry = {
  to: '/cotisations',
  label: 'nav.dues',
  right: 'dues.read',
  parts: [
    { to: '/cotisations', label: 'nav.campaign', right: 'dues.read' },
    { to: '/cotisations/paiements', label: 'nav.payments', right: 'dues.manage' },
    { to: '/cotisations/prelevements', label: 'nav.debits', right: 'dues.manage' },
    { to: '/cotisations/comptabilite', label: 'nav.accounting', right: 'dues.export' },
  ],
}
const messages: NavEntry = { to: '/messages', label: 'nav.messages', right: 'message.read' }

/** The work of police, gendarmerie and magistrates: calls, decisions and what became of them. */
const ALERTING: readonly NavSection[] = [
  {
    entries: [
      { to: '/salle', label: 'nav.room', right: 'alert.compose' },
      {
        to: '/a-valider',
        label: 'nav.approvals',
        right: 'report.read',
        parts: [
          { to: '/a-valider', label: 'nav.approvals.alerts', right: 'report.read' },
          // They approve messages of the chamber, and write none.
          messages,
        ],
      },
      alerts,
      {
        to: '/journal',
        label: 'nav.journal',
        right: 'report.read',
        parts: [
          { to: '/journal', label: 'nav.decisions', right: 'report.read' },
          { to: '/series', label: 'nav.series', right: 'series.read' },
          { to: '/releve', label: 'nav.handover', right: 'report.read' },
        ],
      },
      statistics,
    ],
  },
  { entries: [members] },
]

/** The work of chambers, and of the administrator of the platform. */
const MEMBERSHIP: readonly NavSection[] = [
  { entries: [{ to: '/aujourdhui', label: 'nav.today', right: 'today.read' }] },
  {
    label: 'nav.section.membership',
    entries: [members, dues, messages],
  },
  {
    label: 'nav.section.scheme',
    entries: [{ to: '/secteurs', label: 'nav.territory', right: 'sector.manage' }, alerts, statistics],
  },
  {
    label: 'nav.section.operation',
    entries: [
      { to: '/dispositifs', label: 'nav.schemes', right: 'scheme.create' },
      { to: '/exploitation', label: 'nav.operation', right: 'operation.read' },
      { to: '/audit-installation', label: 'nav.installationAudit', right: 'audit.read_installation' },
    ],
  },
]
const PINNED_MEMBERSHIP: readonly ScreenPath[] = ['/aujourdhui', '/adherents', '/cotisations', '/alertes']

/** The screens that their own list of settings leads to. */
const SETTINGS_COVERS: readonly ScreenPath[] = ['/routes', '/audit']

/** Returns the rail of the user in the current scheme, without what they may not open. */
export function railFor(current: Current): Rail {
  const isOpen = ({ right }: NavLink) => isAllowed(current, right)
  const sections = (current.may('report.read') ? ALERTING : MEMBERSHIP)
    .map((section) => ({
      ...section,
      entries: section.entries.filter(isOpen).map(({ parts = [], ...entry }) => {
        const open = parts.filter(isOpen)
        return open.length > 1 ? { ...entry, parts: open } : entry
      }),
    }))
    .filter(({ entries }) => entries.length > 0)
  const isRuled = current.may('doctrine.set') || current.may('people.read')
  const settings: NavEntry = {
    to: '/reglages',
    label: isRuled ? 'nav.settings' : 'nav.rules',
    right: SETTINGS_RIGHTS,
    covers: SETTINGS_COVERS,
  }
  const paths = sections.flatMap(({ entries }) => entries.map(({ to }) => to))
  const first = PINNED_MEMBERSHIP.filter((path) => !paths.includes('/salle') && paths.includes(path))
  return {
    sections,
    foot: [settings].filter(isOpen),
    pinned: [...new Set([...first, ...paths])].slice(0, PINNED),
  }
}

export function isAllowed(current: Current, right: Right | readonly Right[]): boolean {
  return (typeof right === 'string' ? [right] : right).some((one) => current.may(one))
}

/** Returns the screen of the rail that a path belongs to: itself, or the one above it. */
export function screenOf(rail: Rail, path: string): ScreenPath | undefined {
  const links = [...rail.sections.flatMap(({ entries }) => entries), ...rail.foot].flatMap((entry) => [
    ...(entry.parts ?? []).map(({ to }) => to),
    ...(entry.covers ?? []),
    entry.to,
  ])
  return links
    .filter((to) => path === to || path.startsWith(`${to}/`))
    .toSorted((a, b) => b.length - a.length)[0]
}

/** Returns whether a screen is one of an entry. */
export function isIn(entry: NavEntry, screen: ScreenPath | undefined): boolean {
  return (
    screen !== undefined &&
    (entry.to === screen ||
      entry.parts?.some(({ to }) => to === screen) === true ||
      entry.covers?.includes(screen) === true)
  )
}
