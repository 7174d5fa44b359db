import { Burger, Button, NativeSelect, Popover, UnstyledButton, VisuallyHidden } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import IconLock from '@tabler/icons-react/icons/IconLock'
import IconLogout from '@tabler/icons-react/icons/IconLogout'
import IconShieldLock from '@tabler/icons-react/icons/IconShieldLock'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { callApi } from '../../api/client.ts'
import { aboutQuery, lockedQuery, sessionQuery } from '../../api/queries.ts'
import { Brand } from '../../ui/Brand.tsx'
import { Preferences } from '../../ui/Preferences.tsx'
import { useText } from '../../ui/text.ts'
import { ToDecide } from '../approval/ToDecide.tsx'
import { type Current, useMaybeCurrent } from './current.tsx'
import classes from './Header.module.css'
import { homeOf, screensFor } from './nav.ts'
import { RouteStatus } from './RouteStatus.tsx'

// For roles that get sound notifications.
const AttentionMenu = lazy(() =>
  import('./AttentionMenu.tsx').then((module) => ({ default: module.AttentionMenu })),
)
// For roles that manage the list of members.
const ToAdmit = lazy(() =>
  import('../enrolments/ToAdmit.tsx').then((module) => ({ default: module.ToAdmit })),
)
// For roles that decide on changes of settings.
const ToSettle = lazy(() =>
  import('../settings/changes/ToSettle.tsx').then((module) => ({ default: module.ToSettle })),
)
// On phones only.
const NavDrawer = lazy(() => import('./NavDrawer.tsx').then((module) => ({ default: module.NavDrawer })))

export function Header() {
  const { t } = useText()
  const current = useMaybeCurrent()
  const about = useQuery(aboutQuery).data
  const [opened, drawer] = useDisclosure(false)
  const [used, setUsed] = useState(false)
  return (
    <div className={classes.header} data-many={screensFor(current, about).length > 9 || undefined}>
      <Burger
        className={classes.burger}
        opened={opened}
        onClick={() => {
          setUsed(true)
          drawer.toggle()
        }}
        size="sm"
        aria-label={t('nav.menu')}
        aria-expanded={opened}
      />
      <Link
        to={current === null ? '/' : homeOf(current.scheme)}
        className={classes.home}
        aria-label={t('nav.home')}
      >
        <Brand />
      </Link>
      <nav className={classes.nav} aria-label={t('nav.label')}>
        <Screens />
      </nav>
      <div className={classes.right}>
        {current !== null && (
          <>
            <SchemeName current={current} className={classes.wide} />
            {current.may('territory.read') && (
              <RouteStatus schemeId={current.scheme.id} linked={current.may('route.read')} />
            )}
          </>
        )}
        {current?.may('report.read') === true && (
          <Suspense>
            <AttentionMenu />
          </Suspense>
        )}
        <Preferences className={classes.wide} />
        {current !== null && <Who current={current} />}
      </div>
      {used && (
        <Suspense>
          <NavDrawer opened={opened} onClose={drawer.close} label={t('nav.label')}>
            <Screens onFollow={drawer.close} />
            <div className={classes.drawerFoot}>
              {current !== null && <SchemeName current={current} />}
              <Preferences />
            </div>
          </NavDrawer>
        </Suspense>
      )}
    </div>
  )
}

function Screens(props: { onFollow?: () => void }) {
  const { t } = useText()
  const current = useMaybeCurrent()
  const about = useQuery(aboutQuery).data
  return (
    <ul>
      {screensFor(current, about).map((screen) => (
        <li key={screen.to}>
          <Link
            to={screen.to}
            className={classes.link}
            activeProps={{ 'data-on': true }}
            {...(props.onFollow && { onClick: props.onFollow })}
          >
            {t(screen.label)}
            {screen.to === '/a-valider' && current !== null && <ToDecide current={current} />}
            {screen.to === '/reglages' && current?.may('setting_change.read') === true && (
              <Suspense>
                <ToSettle current={current} />
              </Suspense>
            )}
            {screen.to === '/demandes' && current !== null && (
              <Suspense>
                <ToAdmit current={current} />
              </Suspense>
            )}
          </Link>
        </li>
      ))}
    </ul>
  )
}

function SchemeName(props: { current: Current; className?: string | undefined }) {
  const { t } = useText()
  const { scheme, schemes, choose } = props.current
  if (schemes.length < 2)
    return <span className={`${classes.scheme} ${props.className ?? ''}`}>{scheme.name}</span>
  return (
    <NativeSelect
      className={props.className ?? ''}
      aria-label={t('shell.chooseScheme')}
      value={scheme.id}
      onChange={(event) => choose(event.currentTarget.value)}
      data={schemes.map((one) => ({ value: one.id, label: one.name }))}
    />
  )
}

function Who(props: { current: Current }) {
  const { t } = useText()
  const client = useQueryClient()
  const navigate = useNavigate()
  const { user, scheme } = props.current
  const [opened, setOpened] = useState(false)
  const close = () => setOpened(false)
  // It has no account of its own to look after, and nothing unlocks it.
  const isBreakGlass = scheme.role === 'break_glass'
  const leave = async () => {
    if (isBreakGlass) {
      await callApi('endOwnBreakGlass')
      return location.assign('/secours?fin=oui')
    }
    const { address } = await callApi('endSession')
    sessionStorage.clear()
    // The provider signs out too, and sends the browser back to the start page.
    if (address !== null) return location.assign(address)
    client.setQueryData(sessionQuery.queryKey, null)
    await navigate({ to: '/' })
    client.removeQueries({ predicate: (query) => !['about', 'session'].includes(String(query.queryKey[0])) })
  }
  return (
    <Popover position="bottom-end" width={280} trapFocus opened={opened} onChange={setOpened}>
      <Popover.Target>
        <UnstyledButton className={classes.who} onClick={() => setOpened(!opened)}>
          <span className={classes.initials} aria-hidden>
            {user.name
              .split(/\s+/)
              .map((word) => word[0])
              .slice(0, 2)
              .join('')}
          </span>
          <span className={classes.whoText}>
            <span>{user.name}</span>
            <small>{scheme.agency?.name ?? t(`role.${scheme.role}`)}</small>
          </span>
          <VisuallyHidden>{t('shell.account')}</VisuallyHidden>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown className={classes.account ?? ''} aria-label={t('shell.account')}>
        <p>
          <b>{user.name}</b>
          <span>{[t(`role.${scheme.role}`), scheme.agency?.name].filter(Boolean).join(' · ')}</span>
        </p>
        {!isBreakGlass && (
          <Button
            component={Link}
            to="/compte"
            variant="default"
            fullWidth
            mb={8}
            leftSection={<IconShieldLock size={16} aria-hidden />}
            onClick={close}
          >
            {t('account.title')}
          </Button>
        )}
        {!isBreakGlass && (
          <Button
            variant="default"
            fullWidth
            mb={8}
            leftSection={<IconLock size={16} aria-hidden />}
            onClick={() => {
              close()
              void callApi('lockSession').then(() => client.setQueryData(lockedQuery.queryKey, true))
            }}
          >
            {t('lock.do')}
          </Button>
        )}
        <Button
          variant="default"
          fullWidth
          leftSection={<IconLogout size={16} aria-hidden />}
          onClick={() => void leave()}
        >
          {t('shell.leave')}
        </Button>
      </Popover.Dropdown>
    </Popover>
  )
}
