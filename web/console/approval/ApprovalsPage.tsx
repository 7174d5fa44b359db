import { Button, Skeleton } from '@mantine/core'
import IconChecks from '@tabler/icons-react/icons/IconChecks'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useEffect } from 'react'
import type { AlertView } from '../../../src/alerts/contract.ts'
import { waitingQuery } from '../../api/queries.ts'
import { useText } from '../../ui/format/text.ts'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { Page } from '../../ui/Page.tsx'
import { useOpenAuthorisations } from '../on-call/useOpenAuthorisations.ts'
import { useCurrent } from '../shell/current.tsx'
import classes from './Approvals.module.css'
import { AskedAuthorisations } from './authorisation/AskedAuthorisations.tsx'
import { OwnUses } from './authorisation/OwnUses.tsx'
import { FollowUpCard } from './cards/FollowUpCard.tsx'
import { ReturnedCard } from './cards/ReturnedCard.tsx'
import { ReviewCard } from './cards/ReviewCard.tsx'
import { SubmittedCard } from './cards/SubmittedCard.tsx'
import { ZoneCard } from './cards/ZoneCard.tsx'
import { DecidedMeanwhile } from './decision/DecidedMeanwhile.tsx'
import { isNewsInZone, stillToDecide } from './mine/mine.ts'
import { markZoneAlertsSeen } from './mine/seenInZone.ts'
import {
  followUpsQuery,
  type OpenFollowUp,
  rejectedQuery,
  returnedQuery,
  reviewsQuery,
  submittedQuery,
  zoneQuery,
} from './queries.ts'

/** Lists what waits for a second person, what was sent without one and must be reviewed, and what was returned. */
export function ApprovalsPage() {
  const { t } = useText()
  const current = useCurrent()
  const { scheme, may } = current
  const decides = may('alert.approve')
  const submitted = useQuery(submittedQuery(scheme.id))
  const reviews = useQuery(reviewsQuery(scheme.id))
  const returned = useQuery(returnedQuery(scheme.id))
  const allRejected = useQuery(rejectedQuery(scheme.id))
  const reports = useQuery(waitingQuery(scheme.id)).data
  const rejected = reports && allRejected.data && stillToDecide(allRejected.data, reports)
  const inZone = useQuery(zoneQuery(scheme.id))
  const zone = inZone.data?.filter((alert) => isNewsInZone(current, alert))
  // Alerts shown here count as seen, so the navigation no longer counts them.
  const zoneData = inZone.data
  useEffect(() => {
    if (zoneData !== undefined) markZoneAlertsSeen(zoneData.map(({ id }) => id))
  }, [zoneData])
  const followUps = useQuery(followUpsQuery(scheme.id))
  // The lists stay on screen as they were read, with the decision that is open in one of them.
  const failed = [submitted, followUps, reviews, returned, allRejected, inZone].filter(
    ({ isError }) => isError,
  )
  const waiting = submitted.data?.length ?? 0
  const asked = useOpenAuthorisations(scheme) ?? []
  const shown = submitted.data &&
    followUps.data && [
      ...submitted.data.map(({ id }) => ({ alertId: id, followUpId: null })),
      ...followUps.data
        .filter(({ followUp }) => followUp.state === 'submitted')
        .map(({ alert, followUp }) => ({ alertId: alert.id, followUpId: followUp.id })),
    ]
  return (
    <Page title={t('nav.approvals')} lead={decides ? t('approvals.lead') : t('approvals.lead.author')}>
      <p className={classes.spoken} role="status">
        {submitted.isSuccess && t('approvals.waiting', { count: waiting })}
      </p>
      {failed[0] && (
        <Failure
          error={failed[0].error}
          retry={() => {
            for (const query of failed) void query.refetch()
          }}
        />
      )}
      {submitted.isPending && <Skeleton height={320} radius="lg" aria-label={t('shell.loading')} />}
      {submitted.isSuccess && waiting === 0 && asked.length === 0 && !followUps.data?.length && (
        <div className={classes.none}>
          <Empty icon={<IconChecks size={36} stroke={1.4} aria-hidden />} title={t('approvals.none')}>
            {decides ? t('approvals.none.hint') : t('approvals.none.author')}
            {may('alert.compose') && (
              <p>
                <Button component={Link} to="/salle" mt={12}>
                  {t('action.toRoom')}
                </Button>
              </p>
            )}
          </Empty>
        </div>
      )}
      <DecidedMeanwhile shown={shown} />
      <AskedAuthorisations />
      {waiting > 0 && (
        <ul className={classes.list}>
          {submitted.data?.map((alert) => (
            <li key={alert.id}>
              <SubmittedCard alert={alert} />
            </li>
          ))}
        </ul>
      )}
      <FollowUps open={followUps.data} />
      <Section alerts={reviews.data} title="approvals.reviews" lead="approvals.reviews.lead">
        {(alert) => <ReviewCard alert={alert} />}
      </Section>
      <Section alerts={returned.data} title="approvals.returned" lead="approvals.returned.lead">
        {(alert) => <ReturnedCard alert={alert} />}
      </Section>
      <Section alerts={rejected} title="approvals.rejected" lead="approvals.rejected.lead">
        {(alert) => <ReturnedCard alert={alert} />}
      </Section>
      <Section alerts={zone} title="approvals.zone" lead="approvals.zone.lead">
        {(alert) => <ZoneCard alert={alert} />}
      </Section>
      {may('authorisation.own') && <OwnUses />}
    </Page>
  )
}

/** Lists the follow-ups that wait for a person; renders nothing if there are none. */
function FollowUps(props: { open: readonly OpenFollowUp[] | undefined }) {
  const { t } = useText()
  const { open = [] } = props
  if (open.length === 0) return null
  return (
    <section className={classes.section} aria-labelledby="suites">
      <div>
        <h2 id="suites">{t('approvals.followUps', { count: open.length })}</h2>
        <p className={classes.mute}>{t('approvals.followUps.lead')}</p>
      </div>
      <ul className={classes.list}>
        {open.map(({ alert, followUp }) => (
          <li key={followUp.id}>
            <FollowUpCard alert={alert} followUp={followUp} />
          </li>
        ))}
      </ul>
    </section>
  )
}

type Title = 'approvals.reviews' | 'approvals.returned' | 'approvals.rejected' | 'approvals.zone'

/** A list with its title; renders nothing if it is empty. */
function Section(props: {
  alerts: readonly AlertView[] | undefined
  title: Title
  lead: `${Title}.lead`
  children: (alert: AlertView) => ReactNode
}) {
  const { t } = useText()
  const { alerts = [], title } = props
  if (alerts.length === 0) return null
  return (
    <section className={classes.section} aria-labelledby={title}>
      <div>
        <h2 id={title}>{t(title, { count: alerts.length })}</h2>
        <p className={classes.mute}>{t(props.lead)}</p>
      </div>
      <ul className={classes.list}>
        {alerts.map((alert) => (
          <li key={alert.id}>{props.children(alert)}</li>
        ))}
      </ul>
    </section>
  )
}
