import { UnstyledButton, VisuallyHidden } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import IconBellRinging from '@tabler/icons-react/icons/IconBellRinging'
import IconBuildingStore from '@tabler/icons-react/icons/IconBuildingStore'
import IconChartBar from '@tabler/icons-react/icons/IconChartBar'
import IconChecklist from '@tabler/icons-react/icons/IconChecklist'
import IconDots from '@tabler/icons-react/icons/IconDots'
import IconHeartbeat from '@tabler/icons-react/icons/IconHeartbeat'
import IconHome from '@tabler/icons-react/icons/IconHome'
import IconLayoutSidebarLeftExpand from '@tabler/icons-react/icons/IconLayoutSidebarLeftExpand'
import IconMail from '@tabler/icons-react/icons/IconMail'
import IconMap from '@tabler/icons-react/icons/IconMap'
import IconNotebook from '@tabler/icons-react/icons/IconNotebook'
import IconReceiptEuro from '@tabler/icons-react/icons/IconReceiptEuro'
import IconSettings from '@tabler/icons-react/icons/IconSettings'
import IconStack2 from '@tabler/icons-react/icons/IconStack2'
import IconStorm from '@tabler/icons-react/icons/IconStorm'
import { Link, useLocation } from '@tanstack/react-router'
import { lazy, Suspense, useId, useState } from 'react'
import { useText } from '../../../ui/format/text.ts'
import { ToDecide } from '../../approval/mine/ToDecide.tsx'
import type { Current } from '../current.tsx'
import { isIn, type NavEntry, type NavSection, railFor, type ScreenPath, screenOf } from './nav.ts'
import classes from './Rail.module.css'

// For roles that manage the list of members.
const ToAdmit = lazy(() =>
  import('../../enrolments/ToAdmit.tsx').then((module) => ({ default: module.ToAdmit })),
)
// For roles that decide on changes of settings.
const ToSettle = lazy(() =>
  import('../../settings/changes/ToSettle.tsx').then((module) => ({ default: module.ToSettle })),
)
// The rail needs it only where it shows icons, and on phones.
const NavDrawer = lazy(() => import('./NavDrawer.tsx').then((module) => ({ default: module.NavDrawer })))

const icons: Partial<Record<ScreenPath, typeof IconNotebook>> = {
  '/salle': IconStorm,
  '/aujourdhui': IconHome,
  '/a-valider': IconChecklist,
  '/alertes': IconBellRinging,
  '/journal': IconNotebook,
  '/audit-installation': IconNotebook,
  '/dispositifs': IconStack2,
  '/exploitation': IconHeartbeat,
  '/statistiques': IconChartBar,
  '/adherents': IconBuildingStore,
  '/cotisations': IconReceiptEuro,
  '/messages': IconMail,
  '/secteurs': IconMap,
  '/reglages': IconSettings,
}

/** A column with its words, of icons alone, or the bar at the bottom of a phone. */
type Shape = 'full' | 'icons' | 'bar'

const AT_ONCE = { getInitialValueInEffect: false }

/** Returns the shape of the rail: the room has no width to spare for its words. */
export function useRailShape(path: string): Shape {
  const isPhone = useMediaQuery('(max-width: 760px)', undefined, AT_ONCE)
  const isNarrow = useMediaQuery('(max-width: 1180px)', undefined, AT_ONCE)
  return isPhone ? 'bar' : isNarrow || path === '/salle' ? 'icons' : 'full'
}

/** The navigation of the console, at the left, or at the bottom of a phone. Where it shows less than all, a button opens the rest. */
export function Rail(props: { current: Current }) {
  const { t } = useText()
  const { current } = props
  const path = useLocation({ select: (location) => location.pathname })
  const shape = useRailShape(path)
  const [opened, setOpened] = useState(false)
  const [used, setUsed] = useState(false)
  const rail = railFor(current)
  const screen = screenOf(rail, path)
  const entries = rail.sections.flatMap((section) => section.entries)
  const pinned = rail.pinned.flatMap((to) => entries.filter((entry) => entry.to === to))
  const shown = { screen, current, shape }
  const isBehind = screen !== undefined && !pinned.some((entry) => isIn(entry, screen))
  return (
    <nav className={classes.rail} aria-label={t('nav.label')} data-shape={shape}>
      {shape === 'bar' ? (
        <ul className={classes.bar}>
          {pinned.map((entry) => (
            <Entry key={entry.to} entry={entry} {...shown} />
          ))}
          <li>
            <More opened={opened} isOn={isBehind} shape={shape} onOpen={open} />
          </li>
        </ul>
      ) : (
        <>
          <Sections sections={rail.sections} {...shown} />
          <div className={classes.sections} data-foot>
            <Sections sections={[{ entries: rail.foot }]} {...shown} />
          </div>
          {shape === 'icons' && <More opened={opened} isOn={false} shape={shape} onOpen={open} />}
        </>
      )}
      {used && (
        <Suspense>
          <NavDrawer opened={opened} onClose={() => setOpened(false)} current={current}>
            <Sections
              sections={[...rail.sections, { entries: rail.foot }]}
              {...shown}
              shape="full"
              onFollow={() => setOpened(false)}
            />
          </NavDrawer>
        </Suspense>
      )}
    </nav>
  )

  function open() {
    setUsed(true)
    setOpened(true)
  }
}

function More(props: { opened: boolean; isOn: boolean; shape: Shape; onOpen: () => void }) {
  const { t } = useText()
  const { opened, isOn, shape, onOpen } = props
  return (
    <UnstyledButton
      className={classes.more ?? ''}
      aria-haspopup="dialog"
      aria-expanded={opened}
      data-on={isOn || undefined}
      {...(shape === 'icons' && { 'aria-label': t('nav.unfold'), title: t('nav.unfold') })}
      onClick={onOpen}
    >
      {shape === 'icons' ? (
        <IconLayoutSidebarLeftExpand size={20} stroke={1.7} aria-hidden />
      ) : (
        <>
          <IconDots size={22} stroke={1.7} aria-hidden />
          <span className={classes.text}>{t('nav.more')}</span>
        </>
      )}
    </UnstyledButton>
  )
}

interface Shown {
  screen: ScreenPath | undefined
  current: Current
  shape: Shape
  /** Given in the drawer, where everything is unfolded. */
  onFollow?: () => void
}

function Sections(props: Shown & { sections: readonly NavSection[] }) {
  const { t } = useText()
  const { sections, ...shown } = props
  const id = useId()
  return (
    <div className={classes.sections}>
      {sections.map(({ label, entries }, index) => (
        <div key={entries[0]?.to ?? ''} className={classes.section}>
          {label !== undefined && (
            <p id={`${id}${index}`} className={classes.title}>
              {t(label)}
            </p>
          )}
          <ul aria-labelledby={label === undefined ? undefined : `${id}${index}`}>
            {entries.map((entry) => (
              <Entry key={entry.to} entry={entry} {...shown} />
            ))}
          </ul>
        </div>
      ))}
    </div>
  )
}

function Entry(props: Shown & { entry: NavEntry }) {
  const { t } = useText()
  const { entry, screen, current, shape, onFollow } = props
  const { to, label, parts = [] } = entry
  const isOn = isIn(entry, screen)
  const isUnfolded = shape === 'full' && parts.length > 0 && (isOn || onFollow !== undefined)
  const Icon = icons[to] ?? IconNotebook
  // The counts of screens that are folded into this entry.
  const counted = isUnfolded ? [to] : [to, ...parts.map((part) => part.to).filter((part) => part !== to)]
  return (
    <li>
      <Link
        to={to}
        className={classes.link}
        activeOptions={{ exact: parts.length > 0 }}
        data-on={isOn || undefined}
        {...(shape === 'icons' && { title: t(label) })}
        {...(onFollow && { onClick: onFollow })}
      >
        <Icon size={20} stroke={1.7} aria-hidden />
        {shape === 'icons' ? (
          <VisuallyHidden>{t(label)}</VisuallyHidden>
        ) : (
          <span className={classes.text}>{t(label)}</span>
        )}
        <span className={shape === 'full' ? undefined : classes.count}>
          {counted.map((one) => (
            <Count key={one} to={one} current={current} />
          ))}
        </span>
      </Link>
      {isUnfolded && (
        <ul>
          {parts.map((part) => (
            <li key={part.to}>
              <Link
                to={part.to}
                className={classes.part}
                activeOptions={{ exact: part.to === to }}
                data-on={part.to === screen || undefined}
                {...(onFollow && { onClick: onFollow })}
              >
                <span className={classes.text}>{t(part.label)}</span>
                {part.to !== to && <Count to={part.to} current={current} />}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}

/** Shows the number of pending items of a screen. */
function Count(props: { to: ScreenPath; current: Current }) {
  const { to, current } = props
  if (to === '/a-valider') return <ToDecide current={current} />
  if (to === '/demandes')
    return (
      <Suspense>
        <ToAdmit current={current} />
      </Suspense>
    )
  if (to === '/reglages' && current.may('setting_change.read'))
    return (
      <Suspense>
        <ToSettle current={current} />
      </Suspense>
    )
  return null
}
