import { UnstyledButton } from '@mantine/core'
import IconBuildingCommunity from '@tabler/icons-react/icons/IconBuildingCommunity'
import IconBuildingStore from '@tabler/icons-react/icons/IconBuildingStore'
import IconDeviceMobileMessage from '@tabler/icons-react/icons/IconDeviceMobileMessage'
import IconHeadset from '@tabler/icons-react/icons/IconHeadset'
import IconMapPinShare from '@tabler/icons-react/icons/IconMapPinShare'
import IconScale from '@tabler/icons-react/icons/IconScale'
import IconShieldStar from '@tabler/icons-react/icons/IconShieldStar'
import IconUserPlus from '@tabler/icons-react/icons/IconUserPlus'
import IconUsersGroup from '@tabler/icons-react/icons/IconUsersGroup'
import { useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useRouter, useSearch } from '@tanstack/react-router'
import type { DemoDoor, SessionView } from '../../src/identity/contract.ts'
import { callApi } from '../api/client.ts'
import { portalSessionQuery } from '../api/portal.ts'
import { sessionQuery } from '../api/queries.ts'
import { useAction } from '../api/useAction.ts'
import { homes } from '../console/shell/rail/homes.ts'
import { useText } from '../ui/format/text.ts'
import { Failure } from '../ui/Notice.tsx'
import classes from './StartPage.module.css'

/** Opens the console, or the portal. */
type Door = DemoDoor['as'] | 'merchant'

const doors = [
  { as: 'operator', icon: IconHeadset },
  { as: 'chief', icon: IconShieldStar },
  { as: 'magistrate', icon: IconScale },
  { as: 'neighbour', icon: IconMapPinShare },
  { as: 'chamber', icon: IconUsersGroup },
  { as: 'trade_chamber', icon: IconBuildingCommunity },
  { as: 'merchant', icon: IconBuildingStore },
] as const satisfies readonly { as: Door; icon: typeof IconHeadset }[]

/** The sign-in of the demo: one button for each role, no password. */
export function DemoDoors(props: { session: SessionView | null }) {
  const { t } = useText()
  const client = useQueryClient()
  const navigate = useNavigate()
  const { history } = useRouter()
  const { vers } = useSearch({ from: '/' })
  const enter = useAction(
    async (as: Door) => {
      if (as === 'merchant') {
        const portal = await callApi('openDemoPortal')
        return () => {
          client.setQueryData(portalSessionQuery.queryKey, portal)
          return navigate({ to: '/portail' })
        }
      }
      const session = await callApi('openDemoSession', { body: { as } })
      return () => {
        client.setQueryData(sessionQuery.queryKey, session)
        if (vers !== undefined) return history.push(vers)
        return navigate({ to: homes[session.schemes[0]?.role ?? 'operator'] })
      }
    },
    {
      onSuccess: async (goIn) => {
        // Data read under another role must not stay on screen.
        client.removeQueries({ predicate: (query) => query.queryKey[0] !== 'about' })
        sessionStorage.clear()
        await goIn()
      },
    },
  )
  const going = props.session?.schemes[0]
  return (
    <>
      <div className={classes.hero}>
        <h1>{t('start.title')}</h1>
        <p>{t('start.lead')}</p>
      </div>
      <Failure error={enter.failure} />
      {going !== undefined && (
        <p>
          {t('start.signedIn', { name: props.session?.user.name ?? '' })}{' '}
          <Link to={homes[going.role]} className={classes.goOn}>
            {t('start.continue')}
          </Link>
        </p>
      )}
      <section aria-labelledby="portes">
        <h2 id="portes" className={classes.section}>
          {t('start.doors')}
        </h2>
        <ul className={classes.doors}>
          {doors.map(({ as, icon: Icon }) => (
            <li key={as}>
              <UnstyledButton
                className={classes.door}
                data-main={as === 'operator' || undefined}
                disabled={enter.isPending}
                onClick={() => enter.mutate(as)}
              >
                <Icon size={26} stroke={1.6} aria-hidden />
                <span className={classes.doorName}>{t(`door.${as}`)}</span>
                <small>{t(`door.${as}.what`)}</small>
              </UnstyledButton>
            </li>
          ))}
        </ul>
      </section>
      <div className={classes.pair}>
        <Link
          to="/dispositif/$scheme"
          params={{ scheme: 'ac63' }}
          className={`${classes.door} ${classes.phones}`}
        >
          <IconUserPlus size={30} stroke={1.6} aria-hidden />
          <span>
            <span className={classes.doorName}>{t('door.join')}</span>
            <small>{t('door.join.what')}</small>
          </span>
        </Link>
        <Link to="/telephones" className={`${classes.door} ${classes.phones}`}>
          <IconDeviceMobileMessage size={30} stroke={1.6} aria-hidden />
          <span>
            <span className={classes.doorName}>{t('door.phones')}</span>
            <small>{t('door.phones.what')}</small>
          </span>
        </Link>
      </div>
    </>
  )
}
