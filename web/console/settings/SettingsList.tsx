import { useMediaQuery } from '@mantine/hooks'
import IconArrowLeft from '@tabler/icons-react/icons/IconArrowLeft'
import IconChevronRight from '@tabler/icons-react/icons/IconChevronRight'
import { Link, type LinkProps } from '@tanstack/react-router'
import { type ReactNode, useId } from 'react'
import { type TextKey, useText } from '../../ui/format/text.ts'
import { type Current, type Right, useCurrent } from '../shell/current.tsx'
import { ToSettle } from './changes/ToSettle.tsx'
import classes from './Settings.module.css'
import type { SettingsPart } from './search.ts'

/** The permission that shows each section. */
export const rights: Record<SettingsPart, Right> = {
  dispositif: 'doctrine.read',
  doctrine: 'doctrine.read',
  textes: 'doctrine.read',
  sollicitation: 'doctrine.read',
  reponses: 'doctrine.read',
  services: 'zone.manage',
  personnes: 'people.read',
  acces: 'access.set',
  astreintes: 'on_call.read',
  observateurs: 'observer.manage',
  tracage: 'doctrine.read',
  adhesion: 'enrolment.settings',
  metiers: 'trade.manage',
  cotisations: 'dues.settings',
  messages: 'message.settings',
  courriel: 'mail.check',
  repli: 'route.read',
  changements: 'setting_change.read',
  donnees: 'retention.read',
  secours: 'break_glass.close',
}

/** Screens of their own that belong to the settings. */
const screens = {
  '/routes': { label: 'nav.routes', right: 'route.read' },
  '/audit': { label: 'nav.audit', right: 'audit.read' },
} as const
type SettingsScreen = keyof typeof screens

interface Group {
  readonly label:
    | 'settings.group.scheme'
    | 'settings.group.membership'
    | 'settings.group.channels'
    | 'settings.group.access'
    | 'settings.group.control'
  readonly items: readonly (SettingsPart | SettingsScreen)[]
}

const GROUPS: readonly Group[] = [
  {
    label: 'settings.group.scheme',
    items: [
      'dispositif',
      'services',
      'doctrine',
      'textes',
      'sollicitation',
      'reponses',
      'observateurs',
      'tracage',
    ],
  },
  { label: 'settings.group.membership', items: ['adhesion', 'metiers', 'cotisations', 'messages'] },
  { label: 'settings.group.channels', items: ['/routes', 'courriel', 'repli'] },
  { label: 'settings.group.access', items: ['personnes', 'astreintes', 'acces', 'secours'] },
  { label: 'settings.group.control', items: ['changements', '/audit', 'donnees'] },
]

const isScreen = (item: string): item is SettingsScreen => Object.hasOwn(screens, item)

/** Returns the screen of the settings at a path; null for any other path. */
export function settingsScreenAt(path: string | undefined): SettingsScreen | null {
  return path !== undefined && isScreen(path) ? path : null
}

/** Returns the first part in the list that a user may open. */
export function firstPart(may: Current['may']): SettingsPart {
  const parts = GROUPS.flatMap(({ items }) => items).filter((item): item is SettingsPart => !isScreen(item))
  return parts.find((part) => may(rights[part])) ?? 'doctrine'
}

/** Returns whether the list and a part are two screens, as Settings.module.css lays them out too. */
export function useOneAtATime(): boolean {
  return useMediaQuery('(max-width: 1000px)', undefined, { getInitialValueInEffect: false }) ?? false
}

/** An item of the list, with its address. */
interface SettingsItem {
  readonly label: TextKey
  readonly group: Group['label']
  readonly link: Pick<LinkProps, 'to' | 'search'>
}

/** Returns the items of the list that a user may open, with their addresses. */
export function settingsItemsFor(current: Current): SettingsItem[] {
  // Roles of the installation see the people and the break-glass account alone.
  const isWhole = current.may('doctrine.read')
  return GROUPS.flatMap(({ label: group, items }) =>
    items.flatMap((item): SettingsItem[] => {
      if (isScreen(item)) {
        const { label, right } = screens[item]
        return isWhole && current.may(right) ? [{ label, group, link: { to: item } }] : []
      }
      const isShown = isWhole || item === 'personnes' || item === 'secours'
      if (!isShown || !current.may(rights[item])) return []
      return [
        {
          label: `settings.part.${item}`,
          group,
          link: { to: '/reglages', search: { partie: item } },
        },
      ]
    }),
  )
}

/** The list of the settings, by what they are about. */
export function SettingsList(props: {
  /** Null: no part is open. */
  shown: SettingsPart | SettingsScreen | null
  /** Renders something after the name of a part. */
  after?: (part: SettingsPart) => ReactNode
}) {
  const { t } = useText()
  const current = useCurrent()
  const id = useId()
  const isAlone = useOneAtATime()
  const groups = GROUPS.map((group) => ({
    ...group,
    items: group.items.filter((item) => current.may(isScreen(item) ? screens[item].right : rights[item])),
  })).filter(({ items }) => items.length > 0)
  return (
    <nav className={classes.parts} aria-label={t('settings.parts')}>
      {groups.map(({ label, items }) => (
        <div key={label}>
          <p id={`${id}${label}`}>{t(label)}</p>
          <ul aria-labelledby={`${id}${label}`}>
            {items.map((item) => (
              <li key={item}>
                {isScreen(item) ? (
                  <Link
                    to={item}
                    className={classes.part}
                    data-part={item}
                    data-on={item === props.shown || undefined}
                  >
                    <span>{t(screens[item].label)}</span>
                    {isAlone && <Chevron />}
                  </Link>
                ) : (
                  <PartLink part={item} isShown={item === props.shown} isStep={isAlone}>
                    {item === 'changements' && <ToSettle current={current} />}
                    {props.after?.(item)}
                    {isAlone && <Chevron />}
                  </PartLink>
                )}
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  )
}

function Chevron() {
  return <IconChevronRight size={18} stroke={1.6} aria-hidden className={classes.chevron} />
}

/**
 * Opens a part of the settings.
 * @param props `isStep`: the back key returns to the screen with this link
 */
export function PartLink(props: {
  part: SettingsPart
  isShown: boolean
  isStep?: boolean
  children?: ReactNode
}) {
  const { t } = useText()
  const { part, isShown } = props
  return (
    <Link
      to="/reglages"
      search={{ partie: part }}
      replace={props.isStep !== true}
      activeOptions={{ exact: true, includeSearch: true }}
      className={classes.part}
      data-part={part}
      data-on={isShown || undefined}
      aria-current={isShown ? 'page' : undefined}
    >
      <span>{t(`settings.part.${part}`)}</span>
      {props.children}
    </Link>
  )
}

/** Leads from a part to the list, on a screen too narrow for both. */
export function BackToSettings() {
  const { t } = useText()
  return (
    // The list moves the focus, and with it the page, to the link of the part.
    <Link to="/reglages" resetScroll={false} className={classes.back}>
      <IconArrowLeft size={16} aria-hidden />
      {t('nav.settings')}
    </Link>
  )
}

/** Shows a screen of its own beside the list of the settings, which a narrow screen replaces by a link to them. */
export function BesideSettings(props: { shown: SettingsScreen; children: ReactNode }) {
  return (
    <div className={classes.beside}>
      {useOneAtATime() ? <BackToSettings /> : <SettingsList shown={props.shown} />}
      {props.children}
    </div>
  )
}
