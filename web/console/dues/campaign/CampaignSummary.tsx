import { Button, NativeSelect } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { CampaignView, DuesFigures, DuesPage as DuesPageView } from '../../../../src/dues/contract.ts'
import { countOf, dayOf, moneyOf, percentOf, whenOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Dues.module.css'
import { PaperCalls } from './PaperCalls.tsx'

/** Sums up a campaign: its amounts, its rules, the other years with late members, and what can be done with all of it. */
export function CampaignSummary(props: {
  years: readonly number[]
  campaign: CampaignView
  figures: DuesFigures | null
  lateYears: DuesPageView['lateYears']
  onYear: (year: number) => void
  onWithdraw: () => void
}) {
  const { t, lang } = useText()
  const now = useMinute()
  const { scheme, may } = useCurrent()
  const { campaign, figures } = props
  const otherYears = props.lateYears.filter(({ year }) => year !== campaign.year)
  return (
    <section className={classes.summary} aria-label={t('dues.campaign', { year: String(campaign.year) })}>
      <NativeSelect
        label={t('dues.year')}
        value={String(campaign.year)}
        onChange={(event) => props.onYear(Number(event.currentTarget.value))}
        data={props.years.map(String)}
      />
      {figures !== null && (
        <dl className={classes.figures}>
          {(
            [
              ['dues.called', figures.calledCents],
              ['dues.settled', figures.settledCents],
              ['dues.remaining', figures.remainingCents],
            ] as const
          ).map(([label, cents]) => (
            <div key={label}>
              <dt>{t(label)}</dt>
              <dd>{moneyOf(lang, cents)}</dd>
            </div>
          ))}
        </dl>
      )}
      {figures !== null && figures.calledCents > 0 && <Progress figures={figures} />}
      <p className={classes.about}>
        {[
          t('dues.fee', { fee: moneyOf(lang, campaign.feeCents) }),
          t('dues.dueOn', { day: dayOf(lang, campaign.dueOn) }),
          t(campaign.proRata ? 'dues.proRata.yes' : 'dues.proRata.no'),
        ].join(' · ')}
      </p>
      {otherYears.length > 0 && (
        <div className={classes.others}>
          <span id="autres-annees">{t('dues.lateYears')}</span>
          <ul className={classes.years} aria-labelledby="autres-annees">
            {otherYears.map(({ year, members }) => (
              <li key={year}>
                <Link className={classes.paper} to="/cotisations" search={{ annee: year, etat: 'late' }}>
                  {t('dues.lateYear', { year: String(year), count: members, shown: countOf(lang, members) })}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      )}
      {Date.parse(campaign.callsFrom) > now && (
        <p className={classes.ruled} role="status">
          {t('dues.calls.from', { when: whenOf(lang, campaign.callsFrom, now) })}
        </p>
      )}
      {campaign.withdrawable && may('dues.settings') && (
        <Button variant="default" className={classes.left ?? ''} onClick={props.onWithdraw}>
          {t('dues.withdraw')}
        </Button>
      )}
      {may('dues.manage') && figures !== null && figures.remainingCents > 0 && (
        <PaperCalls schemeId={scheme.id} />
      )}
      {may('dues.export') && (
        <Link className={classes.paper} to="/cotisations/comptabilite" search={{ annee: campaign.year }}>
          {t('dues.accounting.open', { year: String(campaign.year) })}
        </Link>
      )}
    </section>
  )
}

/** Shows the settled share of the campaign, and the number of members who paid. */
function Progress({ figures }: { figures: DuesFigures }) {
  const { t, lang } = useText()
  const { late, due, paid } = figures.members
  const share = percentOf(lang, figures.settledCents / figures.calledCents)
  return (
    <div className={classes.progress}>
      <progress
        max={figures.calledCents}
        value={figures.settledCents}
        aria-label={t('dues.progress')}
        aria-valuetext={t('dues.progress.percent', { share })}
      />
      <span>
        {t('dues.progress.said', {
          share,
          paid,
          members: late + due + paid,
        })}
      </span>
    </div>
  )
}
