import { Button, UnstyledButton, VisuallyHidden } from '@mantine/core'
import IconChevronDown from '@tabler/icons-react/icons/IconChevronDown'
import IconLock from '@tabler/icons-react/icons/IconLock'
import IconLogout from '@tabler/icons-react/icons/IconLogout'
import IconShieldLock from '@tabler/icons-react/icons/IconShieldLock'
import { useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { callApi } from '../../../api/client.ts'
import { storeAccountLang } from '../../../api/language.ts'
import { sessionQuery } from '../../../api/queries.ts'
import { useAction } from '../../../api/useAction.ts'
import { Preferences } from '../../../ui/account/Preferences.tsx'
import { Flyout } from '../../../ui/Flyout.tsx'
import { useText } from '../../../ui/format/text.ts'
import { Brand } from '../../../ui/frame/Brand.tsx'
import { afterShown } from '../../../ui/loading/afterShown.ts'
import { lazyPart } from '../../../ui/loading/lazyPart.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { type Current, useMaybeCurrent } from '../current.tsx'
import { useLock } from '../lock/idle.ts'
import { homeOf } from '../rail/homes.ts'
import classes from './Header.module.css'
import { RouteStatus } from './RouteStatus.tsx'
import { SchemeName, useTradeNames } from './SchemeName.tsx'
import { Search } from './Search.tsx'

// For roles that get sound notifications.
const AttentionMenu = lazy(() =>
  afterShown(() => import('../attention/AttentionMenu.tsx')).then((module) => ({
    default: module.AttentionMenu,
  })),
)
const CloseOwnDialog = lazyPart(() => import('../BreakGlassBar.tsx').then((module) => module.CloseOwnDialog))

/** The top bar: where one is, search, whether messages leave, and who one is. */
export function Header() {
  const { t } = useText()
  const current = useMaybeCurrent()
  return (
    <div className={classes.header}>
      <Link
        to={current === null ? '/' : homeOf(current.scheme)}
        className={classes.home}
        aria-label={t('nav.home')}
      >
        <Brand short={current !== null} />
      </Link>
      {current !== null && <SchemeName current={current} />}
      {current !== null && current.scheme.needs === null && <Search current={current} />}
      <div className={classes.right}>
        {current?.may('territory.read') === true && (
          <RouteStatus schemeId={current.scheme.id} linked={current.may('route.read')} />
        )}
        {current?.may('report.read') === true && (
          <Suspense>
            <AttentionMenu />
          </Suspense>
        )}
        {current === null ? <Preferences /> : <Who current={current} />}
      </div>
    </div>
  )
}

function Who(props: { current: Current }) {
  const { t } = useText()
  const lock = useLock()
  const [isClosing, setClosing] = useState(false)
  const { user, scheme } = props.current
  const trades = useTradeNames(props.current)
  // It has no account of its own to look after, and nothing unlocks it.
  const isBreakGlass = scheme.role === 'break_glass'
  return (
    <>
      <Flyout
        label={t('shell.account')}
        className={classes.account}
        button={(attributes) => (
          <UnstyledButton {...attributes} className={classes.who}>
            <span className={classes.initials} aria-hidden>
              {user.name
                .split(/\s+/)
                .map((word) => word[0])
                .slice(0, 2)
                .join('')}
            </span>
            <span className={classes.whoText}>
              <span>{user.name}</span>
              <small>{t(`role.${scheme.role}`)}</small>
            </span>
            <VisuallyHidden>{t('shell.account')}</VisuallyHidden>
            <IconChevronDown className={classes.chevron} size={16} stroke={1.7} aria-hidden />
          </UnstyledButton>
        )}
      >
        {(close) => (
          <>
            <p>
              <b>{user.name}</b>
              <span>{[t(`role.${scheme.role}`), scheme.agency?.name].filter(Boolean).join(' · ')}</span>
              {trades !== null && <span>{trades.join(', ')}</span>}
            </p>
            <div className={classes.preferences}>
              <Preferences {...(!isBreakGlass && { onLang: storeAccountLang })} />
            </div>
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
                  lock()
                }}
              >
                {t('lock.do')}
              </Button>
            )}
            {isBreakGlass ? (
              <Button
                variant="default"
                fullWidth
                leftSection={<IconLogout size={16} aria-hidden />}
                onClick={() => {
                  close()
                  setClosing(true)
                }}
              >
                {t('breakGlass.close')}
              </Button>
            ) : (
              <SignOut />
            )}
          </>
        )}
      </Flyout>
      {isClosing && (
        <Suspense>
          <CloseOwnDialog onClose={() => setClosing(false)} />
        </Suspense>
      )}
    </>
  )
}

/** The button that signs out; a failure is shown above it. */
function SignOut() {
  const { t } = useText()
  const client = useQueryClient()
  const navigate = useNavigate()
  const signOut = useAction(() => callApi('endSession'), {
    onSuccess: async ({ address }) => {
      sessionStorage.clear()
      // The provider signs out too, and sends the browser back to the start page.
      if (address !== null) return location.assign(address)
      client.setQueryData(sessionQuery.queryKey, null)
      await navigate({ to: '/' })
      client.removeQueries({
        predicate: (query) => !['about', 'session'].includes(String(query.queryKey[0])),
      })
    },
  })
  return (
    <>
      <Failure error={signOut.failure} />
      <Button
        variant="default"
        fullWidth
        leftSection={<IconLogout size={16} aria-hidden />}
        loading={signOut.isPending}
        onClick={() => signOut.mutate()}
      >
        {t('shell.leave')}
      </Button>
    </>
  )
}
