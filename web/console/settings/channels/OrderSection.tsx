import { Skeleton } from '@mantine/core'
import IconRouteOff from '@tabler/icons-react/icons/IconRouteOff'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useId } from 'react'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import type { Answer } from '../../../api/client.ts'
import { countOf, percentOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { Empty, Failure } from '../../../ui/Notice.tsx'
import { StateTag, type Tone } from '../../../ui/StateTag.tsx'
import { kinds } from '../../routes/kinds.ts'
import settings from '../Settings.module.css'
import classes from './Channels.module.css'
import { routeOrderQuery } from './queries.ts'

type Rule = Answer<'getRouteOrder'>['rules'][number]
type Gateway = Rule['gateways'][number]

/** Shows by which gateways the SMS of the scheme leave, which one is next, and what leaves first. */
export function OrderSection({ scheme }: { scheme: SchemeView }) {
  const { t } = useText()
  const order = useQuery(routeOrderQuery(scheme.id))
  if (order.isLoadingError) return <Failure error={order.error} retry={() => void order.refetch()} />
  if (order.data === undefined) return <Skeleton height={320} radius="lg" />
  const { rules, exercise, lanes, simulated } = order.data
  return (
    <div className={settings.dues}>
      {rules.length === 0 && (
        <section className={settings.card}>
          <Empty icon={<IconRouteOff size={36} stroke={1.4} aria-hidden />} title={t('order.none')}>
            <p>{t('order.none.what')}</p>
          </Empty>
        </section>
      )}
      {rules.map((rule, index) => (
        <RuleCard
          key={rule.prefixes?.join() ?? 'all'}
          rule={rule}
          title={
            rule.prefixes === null
              ? t(index === 0 ? 'order.all' : 'order.others')
              : t('order.prefixes', { prefixes: rule.prefixes.join(', ') })
          }
          about={simulated ? t('order.simulated') : t('order.same')}
        />
      ))}
      {exercise.map((rule) => (
        <RuleCard key="exercise" rule={rule} title={t('order.exercise')} about={t('order.exercise.what')} />
      ))}
      <Lanes lanes={lanes} />
      <section className={settings.card} aria-labelledby="prix">
        <h3 id="prix" className={settings.cardTitle}>
          {t('order.price')}
        </h3>
        <p>
          {scheme.smsPriceMillicents === 0
            ? t('order.price.none')
            : t('order.price.of', { cents: scheme.smsPriceMillicents / 1000 })}{' '}
          <Link to="/reglages" search={{ partie: 'dispositif' }} className={settings.link ?? ''}>
            {t('order.price.link')}
          </Link>
        </p>
        <p className={settings.mute}>{t('order.price.what')}</p>
      </section>
      <section className={settings.card} aria-labelledby="qui">
        <h3 id="qui" className={settings.cardTitle}>
          {t('order.where')}
        </h3>
        <p>{t('order.where.what')}</p>
        <p className={settings.mute}>{t('order.where.how')}</p>
        <p className={classes.codes}>
          <code>TOCSIN_GATEWAYS</code> <code>tocsin routes check</code>
        </p>
      </section>
    </div>
  )
}

function RuleCard({ rule, title, about }: { rule: Rule; title: string; about: string }) {
  const { t } = useText()
  const id = useId()
  const how =
    rule.gateways.length === 1 ? 'order.only' : rule.order === 'first' ? 'order.first' : 'order.weighted'
  const isDown = rule.gateways.every(({ turn }) => turn === 'out')
  return (
    <section className={settings.card} aria-labelledby={id}>
      <header className={classes.head}>
        <h3 id={id} className={settings.cardTitle}>
          {title}
        </h3>
        {isDown && <StateTag tone="bad">{t('order.down')}</StateTag>}
      </header>
      <p className={settings.mute}>{`${about} ${t(how)}`}</p>
      <ol className={classes.order}>
        {rule.gateways.map((gateway) => (
          <GatewayRow key={gateway.name} gateway={gateway} />
        ))}
      </ol>
    </section>
  )
}

const turnTones: Record<Gateway['turn'], Tone> = { now: 'open', next: 'done', later: 'neutral', out: 'bad' }

function GatewayRow({ gateway }: { gateway: Gateway }) {
  const { t, lang } = useText()
  const { name, kind, turn, share, state, circuit, partsPerSecond, window } = gateway
  const facts = [
    kinds[kind],
    state === null ? t('order.unreported') : t(`route.state.${state}`),
    circuit !== null && circuit !== 'closed' ? t(`route.circuit.${circuit}`) : null,
    partsPerSecond === null
      ? t('order.window', { window: countOf(lang, window) })
      : t('order.rate', { rate: countOf(lang, Math.round(partsPerSecond * 10) / 10) }),
  ]
  return (
    <li>
      <div>
        <b>{name}</b>
        <small>{facts.filter((fact) => fact !== null).join(' · ')}</small>
      </div>
      <StateTag tone={turnTones[turn]}>
        {share === null ? t(`order.turn.${turn}`) : t('order.share', { share: percentOf(lang, share) })}
      </StateTag>
    </li>
  )
}

function Lanes({ lanes }: Pick<Answer<'getRouteOrder'>, 'lanes'>) {
  const { t } = useText()
  return (
    <section className={settings.card} aria-labelledby="passage">
      <h3 id="passage" className={settings.cardTitle}>
        {t('order.lanes')}
      </h3>
      <p className={settings.mute}>{t('order.lanes.what')}</p>
      <ol className={classes.order}>
        {lanes.map(({ lane, inDoubtSeconds }) => (
          <li key={lane}>
            <div>
              <b>{t(`order.lane.${lane}`)}</b>
              <small>
                {inDoubtSeconds === null
                  ? t('order.doubt.never')
                  : t('order.doubt', { seconds: inDoubtSeconds })}
              </small>
            </div>
          </li>
        ))}
      </ol>
    </section>
  )
}
