import { Skeleton } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { OwnShopView } from '../../../src/portal/shop/contract.ts'
import { callApi } from '../../api/client.ts'
import { ownShopQuery, paramsOfShop, portalSessionQuery } from '../../api/portal.ts'
import { QuietHoursForm } from '../../ui/fields/QuietHoursForm.tsx'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import { usePageTitle } from '../../ui/Page.tsx'
import { useShop } from '../current.tsx'
import classes from '../Portal.module.css'
import { MyPhone } from './MyPhone.tsx'
import { NewPersonForm } from './NewPersonForm.tsx'
import { PersonCard } from './PersonCard.tsx'

/** Shows the shop's own settings: who is alerted, on which phone, and its quiet hours. */
export function ShopPage() {
  const { t } = useText()
  const { shop, may } = useShop()
  usePageTitle(t('portal.shop.title'))
  const client = useQueryClient()
  const own = useQuery(ownShopQuery(shop))
  const take = (view: OwnShopView) => {
    client.setQueryData(ownShopQuery(shop).queryKey, view)
    // The session contains names and numbers too.
    void client.invalidateQueries({ queryKey: portalSessionQuery.queryKey })
  }
  const mayChange = may('own.change')
  return (
    <>
      <h1 className={classes.title}>{t('portal.shop.title')}</h1>
      {own.isError && own.data === undefined && (
        <Failure error={own.error} retry={() => void own.refetch()} />
      )}
      {own.isPending && <Skeleton height={320} radius="lg" />}
      {own.data !== undefined && (
        <>
          <section className={classes.section} aria-labelledby="personnes">
            <h2 id="personnes">{t('portal.people')}</h2>
            <p className={classes.hint}>{t('portal.people.what')}</p>
            <p className={classes.hint}>{t('portal.shop.days')}</p>
            {mayChange && (
              <p>
                <Link to="/portail/donnees" className={classes.link}>
                  {t('portal.shop.data')}
                </Link>
              </p>
            )}
            <ul className={classes.list}>
              {own.data.people.map((person) => (
                <li key={person.id} className={classes.card}>
                  <PersonCard person={person} mayChange={mayChange} onTake={take} />
                  {person.me && mayChange && <MyPhone onTake={take} />}
                </li>
              ))}
            </ul>
            {mayChange && <NewPersonForm onTake={take} />}
          </section>
          <Channels own={own.data} />
          <section className={classes.card} aria-labelledby="calme">
            <h2 id="calme">{t('portal.quiet')}</h2>
            <QuietHoursForm
              key={shop.member.id}
              saved={own.data.quiet}
              care={own.data.care}
              mayChange={mayChange}
              session="portal"
              save={async (quiet) => {
                const view = await callApi('setOwnQuietHours', {
                  params: paramsOfShop(shop),
                  body: { quiet },
                })
                take(view)
                return view.quiet
              }}
            />
          </section>
        </>
      )}
    </>
  )
}

/** Says by which channels alerts reach the shop today. */
function Channels(props: { own: OwnShopView }) {
  const { t } = useText()
  const { people, sender } = props.own
  const count = people.filter(({ sms }) => sms).length
  return (
    <section className={classes.card} aria-labelledby="canaux">
      <h2 id="canaux">{t('portal.channels')}</h2>
      <p>{t('portal.channels.sms', { sender, count })}</p>
      <p>{t('portal.channels.free')}</p>
      <p>{t('portal.channels.here')}</p>
      <p className={classes.hint}>{t('portal.channels.only')}</p>
    </section>
  )
}
