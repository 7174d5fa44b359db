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
  const { t, lang } = useText()
  const now = useMinute()
  const { alert, asked } = props
  const { approval, state } = alert
  const left = alert.orderedAt !== null
  const sentence = left
    ? t('approver.left', {
        time: preciseTimeOf(lang, alert.orderedAt ?? alert.createdAt, now),
        who: approval.decidedBy ?? alert.orderedBy ?? '',
        sms: countOf(lang, alert.progress === null ? 0 : alert.progress.planned - alert.progress.waiting),
      })
    : state === 'returned' || state === 'rejected'
      ? t(`approver.${state}`, {
          who: approval.decidedBy ?? '',
          when: approval.decidedAt === null ? '' : whenOf(lang, approval.decidedAt, now),
        })
      : asked?.endedWhy === 'authorised' || asked?.endedWhy === 'declined'
        ? t(`approver.asked.${asked.endedWhy}`, {
            who: asked.endedBy ?? '',
            when: asked.endedAt === null ? '' : whenOf(lang, asked.endedAt, now),
          })
        : t(state === 'discarded' ? 'approver.discarded' : 'approver.takenBack')
  return (
    <section className={classes.became} aria-labelledby="alerte">
      <h1 id="alerte">
        <CategoryName category={alert.category} />, {alert.commune.name}
      </h1>
      <p role="status" className={classes.sentence}>
        {sentence}
      </p>
      {!left && approval.reason !== null && (
        <blockquote>{t('text.quote', { text: approval.reason })}</blockquote>
      )}
      <p>
        <Link to="/a-valider">{t('approver.toList')}</Link>
      </p>
    </section>
  )
}
