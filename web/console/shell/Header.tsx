import { Burger, Drawer, Menu, UnstyledButton, VisuallyHidden } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import IconChevronDown from '@tabler/icons-react/icons/IconChevronDown'
import IconLogout from '@tabler/icons-react/icons/IconLogout'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { post } from '../../api/client.ts'
import { aboutQuery, sessionQuery } from '../../api/queries.ts'
import { Brand } from '../../ui/Brand.tsx'
import { Preferences } from '../../ui/Preferences.tsx'
import { useText } from '../../ui/text.ts'
import { type Current, useMaybeCurrent } from './current.tsx'
import classes from './Header.module.css'
import { homes, screensFor } from './nav.ts'
import { RouteStatus } from './RouteStatus.tsx'

export function Header() {
  const { t } = useText()
  const current = useMaybeCurrent()
  const [opened, drawer] = useDisclosure(false)
  return (
    <div className={classes.header}>
      <Burger
        className={classes.burger}
        opened={opened}
        onClick={drawer.toggle}
        size="sm"
        aria-label={t('nav.menu')}
        aria-expanded={opened}
      />
      <Link
        to={current === null ? '/' : homes[current.scheme.role]}
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
            {current.may('territory.read') && <RouteStatus schemeId={current.scheme.id} />}
          </>
        )}
        <Preferences className={classes.wide} />
        {current !== null && <Who current={current} />}
      </div>
      <Drawer
        opened={opened}
        onClose={drawer.close}
        size={300}
        title={<Brand />}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <nav className={classes.drawer} aria-label={t('nav.label')}>
          <Screens onFollow={drawer.close} />
        </nav>
        <div className={classes.drawerFoot}>
          {current !== null && <SchemeName current={current} />}
          <Preferences />
        </div>
      </Drawer>
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
    <Menu position="bottom-end">
      <Menu.Target>
        <UnstyledButton
          className={`${classes.button} ${props.className ?? ''}`}
          aria-label={t('shell.chooseScheme', { name: scheme.name })}
        >
          {scheme.name}
          <IconChevronDown size={14} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {schemes.map((one) => (
          <Menu.Item key={one.id} onClick={() => choose(one.id)} aria-current={one.id === scheme.id}>
            {one.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function Who(props: { current: Current }) {
  const { t } = useText()
  const client = useQueryClient()
  const navigate = useNavigate()
  const { user, scheme } = props.current
  const leave = async () => {
    await post('/session/end')
    sessionStorage.clear()
    client.setQueryData(sessionQuery.queryKey, null)
    await navigate({ to: '/' })
    client.removeQueries({ predicate: (query) => !['about', 'session'].includes(String(query.queryKey[0])) })
  }
  return (
    <Menu position="bottom-end" width={260}>
      <Menu.Target>
        <UnstyledButton className={classes.who}>
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
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {user.name} · {t(`role.${scheme.role}`)}
        </Menu.Label>
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => void leave()}>
          {t('shell.leave')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
