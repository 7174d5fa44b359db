import { Button, Loader, NativeSelect } from '@mantine/core'
import IconBell from '@tabler/icons-react/icons/IconBell'
import IconBuildingStore from '@tabler/icons-react/icons/IconBuildingStore'
import IconPhoneCall from '@tabler/icons-react/icons/IconPhoneCall'
import IconSpeakerphone from '@tabler/icons-react/icons/IconSpeakerphone'
import IconUser from '@tabler/icons-react/icons/IconUser'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, Outlet, useLocation } from '@tanstack/react-router'
import { type ReactNode, Suspense, useEffect, useState } from 'react'
import type { PortalSession } from '../../src/portal/contract.ts'
import { storeContactLang } from '../api/language.ts'
import { ownDuesQuery, portalSessionQuery } from '../api/portal.ts'
import { aboutQuery } from '../api/queries.ts'
import { SchemeLinks } from '../start/SchemeLinks.tsx'
import { Preferences } from '../ui/account/Preferences.tsx'
import { Brand } from '../ui/Brand.tsx'
import { Calls17 } from '../ui/Call17.tsx'
import { ChamberContact } from '../ui/ChamberContact.tsx'
import { DemoBanner } from '../ui/DemoBanner.tsx'
import { momentOf, moneyOf } from '../ui/format/format.ts'
import { useMinute } from '../ui/format/now.ts'
import { type TextKey, useText } from '../ui/format/text.ts'
import { Empty, Failure } from '../ui/Notice.tsx'
import { usePageTitle } from '../ui/Page.tsx'
import { ShopProvider, useShop } from './current.tsx'
import { beInstallable, useInstall } from './install.ts'
import { finishSignOut, signOutHere } from './leaving.ts'
import { lastHeard, useShopLive } from './live.ts'
import classes from './Portal.module.css'
import { SignIn } from './SignIn.tsx'

const screens = [
  { to: '/portail', label: 'portal.nav.alerts', icon: IconBell },
  { to: '/portail/signaler', label: 'portal.nav.report', icon: IconSpeakerphone },
  { to: '/portail/commerce', label: 'portal.nav.shop', icon: IconBuildingStore },
  { to: '/portail/compte', label: 'portal.nav.account', icon: IconUser },
] as const satisfies readonly { to: string; label: TextKey; icon: typeof IconBell }[]

/** Time between two tries to report a sign-out without a network to the server. */
const FINISH_MS = 5000

/** The pages that the account leads to. */
const OF_ACCOUNT: readonly string[] = ['/portail/cotisation', '/portail/donnees', '/portail/charte']

/** The layout of the member portal: users who are not signed in see the sign-in form on any page. */
export function PortalShell() {
  const { t } = useText()
  const session = useQuery(portalSessionQuery)
  const [wasIn, setWasIn] = useState(false)
  const isIn = session.data !== null && session.data !== undefined
  const client = useQueryClient()
  // The service worker stores only responses that pass through it: queries answered before it took over are sent again.
  useEffect(() => beInstallable(() => void client.invalidateQueries({ queryKey: ['portal'] })), [client])
  useEffect(() => {
    const finish = () => void finishSignOut()
    addEventListener('online', finish)
    const timer = setInterval(finish, FINISH_MS)
    return () => {
      removeEventListener('online', finish)
      clearInterval(timer)
    }
  }, [])
  useEffect(() => {
    if (isIn) setWasIn(true)
  }, [isIn])
  if (isIn && session.data !== null)
    return (
      <ShopProvider session={session.data}>
        <Inside session={session.data} onEnd={() => setWasIn(false)} />
      </ShopProvider>
    )
  return (
    <Frame>
      {session.isPending ? (
        <Waiting />
      ) : session.isError ? (
        <>
          <h1>{t('portal.title')}</h1>
          <Failure error={session.error} retry={() => void session.refetch()} />
        </>
      ) : (
        <SignIn ended={wasIn} />
      )}
    </Frame>
  )
}

/** Stands in the layout in place of a page that does not exist. */
export function NotFound() {
  const { t } = useText()
  usePageTitle(t('notFound.title'))
  return (
    <>
      <h1 className={classes.title}>{t('notFound.title')}</h1>
      <Empty title={t('notFound.why')}>
        <Button component={Link} to="/portail" mt={8}>
          {t('notFound.home')}
        </Button>
      </Empty>
    </>
  )
}

function Frame(props: { head?: ReactNode; nav?: ReactNode; isIn?: boolean; children: ReactNode }) {
  const { t } = useText()
  const demo = useQuery(aboutQuery).data?.demo === true
  return (
    <div className={classes.frame}>
      <a className={classes.skip} href="#contenu">
        {t('shell.skip')}
      </a>
      <header className={classes.head}>
        <div className={classes.bar}>
          <Link to={demo ? '/' : '/portail'} className={classes.home} aria-label={t('nav.home')}>
            <Brand />
          </Link>
          {props.nav}
          <Preferences {...(props.isIn === true && { onLang: storeContactLang })} />
        </div>
        {demo && <DemoBanner />}
        {props.head}
      </header>
      <main id="contenu" tabIndex={-1} className={classes.main}>
        <Suspense fallback={<Waiting />}>{props.children}</Suspense>
      </main>
    </div>
  )
}

function Inside(props: { session: PortalSession; onEnd: () => void }) {
  const { t } = useText()
  const { shop } = useShop()
  const link = useShopLive(shop)
  const install = useInstall()
  const { pathname } = useLocation()
  const isOnCharter = pathname === '/portail/charte'
  const client = useQueryClient()
  const end = async () => {
    await client.cancelQueries({ queryKey: ['portal'] })
    await signOutHere()
    props.onEnd()
    client.removeQueries({
      predicate: ({ queryKey }) => queryKey[0] === 'portal' && queryKey[1] !== 'session',
    })
    client.setQueryData(portalSessionQuery.queryKey, null)
    await finishSignOut()
  }
  return (
    <Frame
      isIn
      nav={
        <nav className={classes.nav} aria-label={t('portal.nav')}>
          <ul>
            {screens.map(({ to, label, icon: Icon }) => (
              <li key={to}>
                <Link
                  to={to}
                  className={classes.screen}
                  activeOptions={{ exact: true }}
                  activeProps={{ 'data-on': true }}
                  data-on={(to === '/portail/compte' && OF_ACCOUNT.includes(pathname)) || undefined}
                >
                  <Icon size={22} stroke={1.7} aria-hidden />
                  {t(label)}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
      }
      head={
        <div role="status" aria-live="polite">
          {link === 'lost' && <Lost />}
        </div>
      }
    >
      <CallFirst pathname={pathname} />
      <ShopName />
      {shop.member.status === 'pending' && <p className={classes.notice}>{t('portal.pending')}</p>}
      {shop.member.status === 'suspended' && <Suspended />}
      {shop.charterToSign !== null && !isOnCharter && (
        <div className={classes.notice} role="status">
          <p>{t('portal.charter.asked', { version: shop.charterToSign })}</p>
          <Link to="/portail/charte" className={classes.link}>
            {t('portal.charter.read')}
          </Link>
        </div>
      )}
      {link === 'lost' && pathname !== '/portail' && pathname !== '/portail/compte' && (
        <p className={classes.notice}>
          <Calls17
            text={t(pathname === '/portail/signaler' ? 'portal.needsNetwork.report' : 'portal.needsNetwork')}
          />
        </p>
      )}
      <Outlet />
      <div className={classes.foot}>
        <ChamberContact chamber={shop.scheme.chamber.name} contact={shop.scheme.chamber} />
        {install !== null && (
          <Button variant="light" onClick={install}>
            {t('portal.install')}
          </Button>
        )}
        <Button variant="subtle" color="gray" onClick={() => void end()}>
          {t('portal.end')}
        </Button>
        <SchemeLinks schemeId={shop.scheme.id} className={classes.footLinks} />
      </div>
    </Frame>
  )
}

/** The call to 17, above everything: large where alerts are read, larger where one is about to write. */
function CallFirst({ pathname }: { pathname: string }) {
  const { t } = useText()
  const isReporting = pathname === '/portail/signaler'
  if (!isReporting && pathname !== '/portail') {
    return (
      <a className={`${classes.call} ${classes.compact}`} href="tel:17">
        <IconPhoneCall size={20} stroke={1.8} aria-hidden />
        <strong>{t('portal.call')}</strong>
      </a>
    )
  }
  return (
    <a className={`${classes.call} ${isReporting ? classes.big : ''}`} href="tel:17">
      <IconPhoneCall size={isReporting ? 30 : 22} stroke={1.8} aria-hidden />
      <span>
        <strong>{t('portal.call')}</strong>
        <small>{t(isReporting ? 'portal.report.first' : 'portal.call.why')}</small>
      </span>
    </a>
  )
}

/** Shows the current shop; a list if the phone belongs to several. */
function ShopName() {
  const { t } = useText()
  const { shop, shops, choose } = useShop()
  const nameOf = ({ member, scheme }: (typeof shops)[number]) =>
    `${member.name} (${member.commune.name}), ${scheme.name}`
  if (shops.length === 1) return <p className={classes.shop}>{nameOf(shop)}</p>
  return (
    <NativeSelect
      label={t('portal.shop')}
      size="md"
      value={shop.member.id}
      onChange={(event) => choose(event.currentTarget.value)}
      data={shops.map((one) => ({ value: one.member.id, label: nameOf(one) }))}
    />
  )
}

/** Shows when the data were last up to date, while the connection is down. */
function Lost() {
  const { t, lang } = useText()
  const now = useMinute()
  const heard = lastHeard()
  return (
    <p className={classes.lost}>
      <Calls17
        text={heard === null ? t('portal.offline') : t('portal.lost', { when: momentOf(lang, heard, now) })}
      />
    </p>
  )
}

function Waiting() {
  const { t } = useText()
  return (
    <div className={classes.waiting} role="status" aria-label={t('shell.loading')}>
      <Loader />
    </div>
  )
}

/** A suspended shop reads how much it owes and where to pay; without dues, whom to ask. */
function Suspended() {
  const { t, lang } = useText()
  const { shop } = useShop()
  const owed = useQuery(ownDuesQuery(shop)).data?.balanceCents ?? 0
  return (
    <div className={classes.notice}>
      <p>{owed > 0 ? t('portal.suspended.owed', { amount: moneyOf(lang, owed) }) : t('portal.suspended')}</p>
      {owed > 0 && (
        <Link to="/portail/cotisation" className={classes.link}>
          {t('portal.suspended.pay')}
        </Link>
      )}
    </div>
  )
}
