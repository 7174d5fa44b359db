import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import { audienceQuery, communesOfAreaQuery } from '../../../api/queries.ts'
import { Clock } from '../../../ui/alert/Clock.tsx'
import { countOf, moneyOf } from '../../../ui/format/format.ts'
import { CategoryName } from '../../../ui/format/severity.tsx'
import { useText } from '../../../ui/format/text.ts'
import { TerritoryMap } from '../../../ui/map/TerritoryMap.tsx'
import { Failure } from '../../../ui/Notice.tsx'
import { useAsked } from '../../on-call/Asked.tsx'
import { finishOf, secondsOf, useMembers } from '../../room/audience/Consequences.tsx'
import { partsAsSent } from '../../room/order/sent.ts'
import { useCurrent } from '../../shell/current.tsx'
import { ProsecutorStep } from '../authorisation/ProsecutorStep.tsx'
import { DoctrineAnswers } from '../facts/DoctrineAnswers.tsx'
import { GuardSays } from '../facts/GuardSays.tsx'
import { ReturnedBefore } from '../facts/ReturnedBefore.tsx'
import { mayDecide } from '../mine/mine.ts'
import { audienceOf } from '../queries.ts'
import classes from './ApproverPage.module.css'
import { PinnedAuthorisation } from './PinnedAuthorisation.tsx'
import { PinnedDecision } from './PinnedDecision.tsx'
import { WhyYou } from './WhyYou.tsx'

/**
 * An alert that waits for its second person, or for the authorisation of a magistrate: what it says, whom it reaches, why, and the
 * decision below the thumb.
 */
export function Submitted(props: { alert: AlertView }) {
  const { t } = useText()
  const current = useCurrent()
  const { alert } = props
  const [seen, setSeen] = useState(alert.version)
  const asked = useAsked(alert.doctrine.level === 'precise' ? alert.id : null)
  const authorises =
    current.scheme.role === 'magistrate' && alert.doctrine.level === 'precise' && !alert.authorisation?.valid
  return (
    <>
      <section
        className={classes.scroll}
        aria-label={t('room.preview')}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
      >
        <div className={classes.title}>
          <h1>
            <CategoryName category={alert.category} />, {alert.commune.name}
          </h1>
          <Clock since={alert.calledAt} />
          <p>
            {t('approver.asked', { who: asked?.askedBy ?? alert.approval.submittedBy ?? alert.createdBy })}
          </p>
          <span>{t('room.sinceCall')}</span>
        </div>
        {seen !== alert.version && (
          <p role="alert" className={classes.warn}>
            {t('approver.changed')}
          </p>
        )}
        <ReturnedBefore alert={alert} />
        <Text alert={alert} />
        <Reach alert={alert} />
        <div className={classes.card}>
          <DoctrineAnswers alert={alert} compact />
          {!authorises && <ProsecutorStep alert={alert} />}
          <GuardSays alert={alert} />
          <WhyYou alert={alert} subject={authorises ? 'authorisation' : 'approval'} />
        </div>
      </section>
      {authorises ? (
        // A new version is another decision.
        <PinnedAuthorisation key={alert.version} alert={alert} asked={asked} />
      ) : alert.state === 'submitted' && mayDecide(current, alert) ? (
        <PinnedDecision
          alert={alert}
          isChanged={seen !== alert.version}
          onRead={() => setSeen(alert.version)}
        />
      ) : (
        <footer className={classes.pinned}>
          <p role="status">{t('approvals.notYours')}</p>
        </footer>
      )}
    </>
  )
}

function Text(props: { alert: AlertView }) {
  const { t } = useText()
  const { alert } = props
  return (
    <figure className={classes.text} aria-label={t('room.preview')}>
      <figcaption>{t('approver.exact', { sender: alert.sender })}</figcaption>
      <p>{partsAsSent(alert).parts.join('')}</p>
    </figure>
  )
}

function Reach(props: { alert: AlertView }) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const { alert } = props
  const audience = useQuery(audienceQuery(scheme.id, audienceOf(alert)))
  const communes = useQuery(communesOfAreaQuery(scheme.id, alert.area)).data?.communes
  const figures = audience.data
  const members = useMembers(scheme.id, audienceOf(alert), figures)
  const parts = partsAsSent(alert).parts.length
  const counts = useMemo(() => new Map(figures?.byCommune.map((one) => [one.code, one.sms])), [figures])
  const paint = useMemo(() => new Map(communes?.map(({ code }) => [code, 1] as const)), [communes])
  return (
    <section className={classes.reach} aria-label={t('room.consequences')}>
      <div className={classes.map}>
        <TerritoryMap
          schemeId={scheme.id}
          tint="accent"
          paint={paint}
          legend="map.legend.area"
          counts={members}
          place={alert.commune.code}
          follow
          label={t('map.area', { area: alert.areaLabel, communes: communes?.length ?? 0 })}
          describe={(code, name) =>
            t('map.commune', { name, sms: counts.get(code) ?? 0, in: paint.has(code) ? 'yes' : 'no' })
          }
        />
      </div>
      <dl>
        <div className={classes.members}>
          <dt>{t('figure.members')}</dt>
          <dd>{figures === undefined ? '…' : countOf(lang, figures.members)}</dd>
        </div>
        <div>
          <dt>{t('figure.sms')}</dt>
          <dd>{figures === undefined ? '…' : countOf(lang, figures.channels.sms * parts)}</dd>
        </div>
        <div className={classes.small}>
          <dt>{t('figure.cost')}</dt>
          <dd>{figures === undefined ? '…' : moneyOf(lang, figures.costCents * parts)}</dd>
        </div>
        <div className={classes.small}>
          <dt>{t('figure.finish')}</dt>
          <dd>{figures === undefined ? '…' : finishOf(t, lang, secondsOf(figures, parts))}</dd>
        </div>
        <div className={classes.area}>
          <dt>{t('confirm.area')}</dt>
          <dd>{alert.areaLabel}</dd>
        </div>
      </dl>
      {audience.isError && <Failure error={audience.error} retry={() => void audience.refetch()} />}
    </section>
  )
}
