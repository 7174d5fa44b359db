import type { LinkProps } from '@tanstack/react-router'
import { plainOf } from '../../../src/cipher/plain.ts'
import { urlOf } from '../../api/client.ts'
import type { FormatMessage, TextKey } from '../../ui/format/text.ts'
import { settingsItemsFor } from '../settings/SettingsList.tsx'
import type { Current } from '../shell/current.tsx'
import { railFor } from '../shell/rail/nav.ts'

export type Group = 'actions' | 'screens' | 'settings' | 'members' | 'alerts' | 'communes'

/** Something that the search finds. */
export interface Found {
  /** Unique among everything that is listed. */
  readonly id: string
  readonly group: Group
  readonly label: string
  /** A detail that places the result, or distinguishes it from another of the same name. */
  readonly hint?: string
  /** Other words for it, which are not shown. */
  readonly also?: string
  readonly link?: Pick<LinkProps, 'to' | 'search' | 'params'>
  /** In place of a link. */
  readonly act?: 'lock' | 'keys'
  /** A file to download, in place of a link. */
  readonly file?: string
}

/** Words that people type for a screen or a part of the settings, by its path or its label. */
const ALSO: Readonly<Record<string, TextKey>> = {
  '/cotisations/paiements': 'palette.also.payments',
  '/cotisations/prelevements': 'palette.also.debits',
  '/cotisations/comptabilite': 'palette.also.accounting',
  '/numeros': 'palette.also.numbers',
  '/importer': 'palette.also.import',
  'settings.part.cotisations': 'palette.also.dues',
  'settings.part.donnees': 'palette.also.privacy',
  'settings.part.personnes': 'palette.also.people',
}

/** Opens the form of the screen. */
const NEW = { nouveau: 'oui' } as const

/** Returns what a user may do and open, by their role; members, alerts and communes are asked of the server. */
export function commandsFor(current: Current, t: FormatMessage): Found[] {
  const { may } = current
  const actions: (Found | false)[] = [
    may('alert.compose') && action('call', t('palette.newCall'), { to: '/salle' }),
    may('wall.open') && action('wall', t('palette.wall'), { to: '/salle/mural' }),
    may('member.change') &&
      action('member', t('memberForm.new'), { to: '/adherents', search: { nouveau: 'oui' } }),
    may('member.change') &&
      action('changes', t('palette.changes'), { to: '/adherents', search: { modifications: 'oui' } }),
    may('member.export') && {
      id: 'action export',
      group: 'actions',
      label: t('palette.export'),
      also: 'Excel XLSX CSV',
      file: urlOf('exportMembersXlsx', { params: { scheme: current.scheme.id } }),
    },
    may('dues.read') && action('late', t('palette.late'), { to: '/cotisations', search: { etat: 'late' } }),
    may('member.import') && action('import', t('members.import'), { to: '/importer' }),
    may('message.write') && action('message', t('messages.write'), { to: '/messages', search: NEW }),
    may('dues.settings') && action('campaign', t('dues.open'), { to: '/cotisations', search: NEW }),
    may('dues.manage') &&
      action('payment', t('palette.payment'), { to: '/cotisations/paiements', search: NEW }),
    may('scheme.create') && action('scheme', t('schemes.create'), { to: '/dispositifs', search: NEW }),
    may('sector.manage') && action('sector', t('palette.sector'), { to: '/secteurs', search: NEW }),
    may('people.manage') &&
      action('person', t('palette.invite'), { to: '/reglages', search: { partie: 'personnes', ...NEW } }),
    action('account', t('account.title'), { to: '/compte' }),
    current.scheme.role !== 'break_glass' && {
      id: 'lock',
      group: 'actions',
      label: t('lock.do'),
      act: 'lock',
    },
    { id: 'keys', group: 'actions', label: t('palette.keys'), act: 'keys' },
  ]
  const rail = railFor(current)
  const screens = rail.sections.flatMap(({ entries }) =>
    entries.flatMap(({ to, label, parts = [] }): Found[] => [
      { id: to, group: 'screens', label: t(label), link: { to } },
      ...parts
        .filter((part) => part.to !== to)
        .map(
          (part): Found => ({
            id: part.to,
            group: 'screens',
            label: t(part.label),
            hint: t(label),
            ...alsoOf(part.to, t),
            link: { to: part.to },
          }),
        ),
    ]),
  )
  const settings = settingsItemsFor(current).map(
    ({ label, group, link }): Found => ({
      id: `settings ${label}`,
      group: 'settings',
      label: t(label),
      hint: t(group),
      ...alsoOf(label, t),
      link,
    }),
  )
  return [...actions.filter((one) => one !== false), ...screens, ...settings]
}

function alsoOf(of: string, t: FormatMessage): Pick<Found, 'also'> {
  const key = ALSO[of]
  return key === undefined ? {} : { also: t(key) }
}

function action(id: string, label: string, link: NonNullable<Found['link']>): Found {
  return { id: `action ${id}`, group: 'actions', label, link }
}

/** Returns the commands whose words begin with all words of the search. */
export function matchCommands(commands: readonly Found[], search: string): Found[] {
  // "regl" finds "Réglages".
  const wanted = plainOf(search).split(/\s+/).filter(Boolean)
  return commands.filter(({ label, hint = '', also = '' }) => {
    const words = plainOf(`${label} ${hint} ${also}`).split(/[^a-z0-9]+/)
    return wanted.every((want) => words.some((word) => word.startsWith(want)))
  })
}
