import { Button, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import type { PublicSchemeView } from '../../../src/enrolment/contract.ts'
import { serverNow, setTimeZone } from '../../api/clock.ts'
import { aboutQuery } from '../../api/queries.ts'
import { Frame } from '../../start/Frame.tsx'
import { Calls17 } from '../../ui/alert/Call17.tsx'
import { countOf, spanOf, whenOf } from '../../ui/format/format.ts'
import { useText } from '../../ui/format/text.ts'
import { nameIn } from '../../ui/format/trade.ts'
import { usePageTitle } from '../../ui/Page.tsx'
import { CallFirst } from '../CallFirst.tsx'
import { feeOf, titleOfFee } from '../fee.ts'
import classes from '../Join.module.css'
import { NoScheme } from '../NoScheme.tsx'
import { ownEnrolmentQuery, publicFiguresQuery, publicMapQuery, publicSchemeQuery } from '../queries.ts'
import { SchemeMap } from './SchemeMap.tsx'

/** The public page of a scheme: what it is, and what it is not. */
export function SchemePage() {
  const { scheme: schemeId } = useParams({ from: '/dispositif/$scheme' })
  const demo = useQuery(aboutQuery).data?.demo ?? false
  const scheme = useQuery(publicSchemeQuery(schemeId))
  // Together with the scheme, so that both are there at once.
  useQuery(publicMapQuery(schemeId))
  usePageTitle(scheme.data?.name ?? '')
  return (
    <Frame demo={demo} schemeId={schemeId}>
      <div className={classes.page}>
        {/* As high as the screen: what is below it does not move when the page takes its place. */}
        {scheme.isPending && <Skeleton height="100vh" radius="lg" />}
        {scheme.isError && <NoScheme error={scheme.error} retry={() => void scheme.refetch()} />}
        {scheme.data !== undefined && <About scheme={scheme.data} />}
      </div>
    </Frame>
  )
}

function About(props: { scheme: PublicSchemeView }) {
  const { t, lang } = useText()
  const { scheme } = props
  setTimeZone(scheme.timeZone)
  const own = useQuery(ownEnrolmentQuery(scheme.id)).data ?? null
  const params = { scheme: scheme.id }
  return (
    <>
      <div>
        <h1>{scheme.name}</h1>
        <p className={classes.lead}>{t('join.lead')}</p>
      </div>
      <div className={classes.enter}>
        <Button
          size="lg"
          renderRoot={(root) => <Link to="/dispositif/$scheme/inscription" params={params} {...root} />}
        >
          {own === null
            ? t('join.enrol')
            : own.state === 'draft'
              ? t('join.enrol.goOn')
              : t('join.enrol.follow')}
        </Button>
        <Link to="/portail" className={classes.link}>
          {t('join.portal')}
        </Link>
      </div>
      <CallFirst />
      <SchemeMap schemeId={scheme.id} />
      <section aria-labelledby="c-est">
        <h2 id="c-est">{t('join.is')}</h2>
        <ul className={classes.list}>
          <li>{t('join.is.alert')}</li>
          <li>{t('join.is.decided')}</li>
          <li>{t('join.is.near')}</li>
          <li>{t('join.is.sender', { sender: scheme.sender })}</li>
        </ul>
      </section>
      <section aria-labelledby="pas">
        <h2 id="pas">{t('join.not')}</h2>
        <ul className={classes.list}>
          <li>
            <p>
              <Calls17 text={t('join.not.call')} />
            </p>
          </li>
          <li>{t('join.not.act')}</li>
          <li>{t('join.not.share')}</li>
          <li>{t('join.not.money')}</li>
        </ul>
      </section>
      <section aria-labelledby="etapes">
        <h2 id="etapes">{t('join.how')}</h2>
        <ol className={classes.numbers}>
          <li>{t('join.how.business')}</li>
          <li>{t('join.how.phone')}</li>
          <li>{t('join.how.charter')}</li>
        </ol>
      </section>
      <section aria-labelledby="reseau">
        <h2 id="reseau">{t('join.network')}</h2>
        <dl className={classes.figures}>
          <div>
            <dt>{t('join.members')}</dt>
            <dd>{countOf(lang, scheme.members)}</dd>
          </div>
          <div>
            <dt>{titleOfFee(t, scheme.fee)}</dt>
            <dd>{feeOf(t, lang, scheme.fee, null)}</dd>
          </div>
        </dl>
        {scheme.fee !== null && Object.keys(scheme.fee.tradeFees).length > 0 && (
          <ul className={classes.small}>
            {scheme.trades
              .filter(({ code }) => scheme.fee?.tradeFees[code] !== undefined)
              .map((trade) => (
                <li key={trade.code}>
                  {t('join.fee.trade', {
                    trade: nameIn(lang, trade),
                    fee: feeOf(t, lang, scheme.fee, trade.code),
                  })}
                </li>
              ))}
          </ul>
        )}
        {scheme.fee?.proRata === true && <p className={classes.small}>{t('join.fee.proRata')}</p>}
        <p className={classes.small}>{t('join.chamber', { chamber: scheme.chamber })}</p>
      </section>
      <Figures schemeId={scheme.id} />
      <ul className={classes.links}>
        <li>
          <Link to="/verifier" className={classes.link}>
            {t('join.verify')}
          </Link>
        </li>
        <li>
          <Link to="/dispositif/$scheme/donnees" params={params} className={classes.link}>
            {t('privacy.title')}
          </Link>
        </li>
      </ul>
    </>
  )
}

/** Shows the times and volumes of twelve months, if the scheme publishes them. */
function Figures(props: { schemeId: string }) {
  const { t, lang } = useText()
  const figures = useQuery(publicFiguresQuery(props.schemeId)).data
  if (figures == null || figures.alerts === 0) return null
  const { median, p90 } = figures.times
  const rows: [string, string][] = [
    [t('figures.alerts'), countOf(lang, figures.alerts)],
    [t('figures.delivered'), countOf(lang, figures.delivered)],
    ...(median === null ? [] : [[t('figures.public.median'), spanOf(lang, median)] as [string, string]]),
    ...(p90 === null ? [] : [[t('figures.public.ninety'), spanOf(lang, p90)] as [string, string]]),
  ]
  return (
    <section aria-labelledby="chiffres">
      <h2 id="chiffres">{t('figures.public')}</h2>
      <dl className={classes.figures}>
        {rows.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className={classes.counted}>
        {t('figures.public.at', { when: whenOf(lang, figures.at, serverNow()) })}
      </p>
    </section>
  )
}
