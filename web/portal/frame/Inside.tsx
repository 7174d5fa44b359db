import { Button, NativeSelect } from '@mantine/core'
import '../../ui/mantine/mantine-portal.ts'
import IconBell from '@tabler/icons-react/icons/IconBell'
import IconBuildingStore from '@tabler/icons-react/icons/IconBuildingStore'
import IconPhoneCall from '@tabler/icons-react/icons/IconPhoneCall'
import IconSpeakerphone from '@tabler/icons-react/icons/IconSpeakerphone'
import IconUser from '@tabler/icons-react/icons/IconUser'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, Outlet, useLocation } from '@tanstack/react-router'
import type { PortalSession } from '../../../src/portal/contract.ts'
import { storeContactLang } from '../../api/language.ts'
import { ownDuesQuery, portalSessionQuery } from '../../api/portal.ts'
import { SchemeLinks } from '../../start/SchemeLinks.tsx'
import { Calls17 } from '../../ui/alert/Call17.tsx'
import { momentOf, moneyOf } from '../../ui/format/format.ts'
import { useMinute } from '../../ui/format/now.ts'
import { type TextKey, useText } from '../../ui/format/text.ts'
import { ChamberContact } from '../../ui/membership/ChamberContact.tsx'
import { lastHeard, useShopLive } from '../alerts/live.ts'
import { ShopProvider, useShop } from '../current.tsx'
import classes from '../Portal.module.css'
import { finishSignOut, signOutHere } from '../sign-in/leaving.ts'
import { useInstall } from './install.ts'
import { PortalFrame } from './PortalFrame.tsx'

const screens = [
  { to: '/portail', label: 'portal.nav.alerts', icon: IconBell },
  { to: '/portail/signaler', label: 'portal.nav.report', icon: IconSpeakerphone },
  { to: '/portail/commerce', label: 'portal.nav.shop', icon: IconBuildingStore },
  { to: '/portail/compte', label: 'portal.nav.account', icon: IconUser },
] as const satisfies readonly { to: string; label: TextKey; icon: typeof IconBell }[]

/** The pages that the account leads to. */
const OF_ACCOUNT: readonly string[] = ['/portail/cotisation', '/portail/donnees', '/portail/charte']

/**
 * The portal of a member who is signed in, around each of its pages.
 * @param props `onEnd`: called when the member has signed out
 */
export function Inside(props: { session: PortalSession; onEnd: () => void }) {
  return (
    <ShopProvider session={props.session}>
      <ShopFrame onEnd={props.onEnd} />
    </ShopProvider>
  )
}

function ShopFrame(props: { onEnd: () => void }) {
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
    <PortalFrame
      onLang={storeContactLang}
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
        <ChamberContact
          chamber={shop.scheme.chamber.name}
          contact={shop.scheme.chamber}
          dpo={shop.scheme.dpo}
        />
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
    </PortalFrame>
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
