import { Link } from '@tanstack/react-router'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import type { CallOutView } from '../../../../src/on-call/contract.ts'
import { countOf, preciseTimeOf, whenOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { CategoryName } from '../../../ui/format/severity.tsx'
import { useText } from '../../../ui/format/text.ts'
import classes from './ApproverPage.module.css'

/** Says in one sentence what became of an alert that no longer waits, in place of the button. */
export function WhatBecame(props: {
  alert: AlertView
  /** The last calls about its authorisation, when it was asked before the alert was submitted. */
  asked: CallOutView | undefined
}) {
  const { t } = useText()
  const { alert, asked } = props
  const { approval } = alert
  const sentence = useSentence(alert, asked)
  return (
    <section className={classes.became} aria-labelledby="alerte">
      <h1 id="alerte">
        <CategoryName category={alert.category} />, {alert.commune.name}
      </h1>
      <p role="status" className={classes.sentence}>
        {sentence}
      </p>
      {alert.orderedAt === null && approval.reason !== null && (
        <blockquote>{t('text.quote', { text: approval.reason })}</blockquote>
      )}
      <p>
        <Link to="/a-valider">{t('approver.toList')}</Link>
      </p>
    </section>
  )
}

function useSentence(alert: AlertView, asked: CallOutView | undefined): string {
  const { t, lang } = useText()
  const now = useMinute()
  const { approval, state, progress } = alert
  const when = (at: string | null) => (at === null ? '' : whenOf(lang, at, now))
  if (alert.orderedAt !== null)
    return t('approver.left', {
      time: preciseTimeOf(lang, alert.orderedAt, now),
      who: approval.decidedBy ?? alert.orderedBy ?? '',
      sms: countOf(lang, progress === null ? 0 : progress.planned - progress.waiting),
    })
  if (state === 'returned' || state === 'rejected')
    return t(`approver.${state}`, { who: approval.decidedBy ?? '', when: when(approval.decidedAt) })
  if (asked?.endedWhy === 'authorised' || asked?.endedWhy === 'declined')
    return t(`approver.asked.${asked.endedWhy}`, { who: asked.endedBy ?? '', when: when(asked.endedAt) })
  return t(state === 'discarded' ? 'approver.discarded' : 'approver.takenBack')
}
