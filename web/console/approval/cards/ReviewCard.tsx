import { Button, Radio, Textarea } from '@mantine/core'
import { useForm } from '@mantine/form'
import type { AlertReview, AlertView } from '../../../../src/alerts/contract.ts'
import type { FollowUpView } from '../../../../src/alerts/follow-up/contract.ts'
import { callApi } from '../../../api/client.ts'
import { useAction } from '../../../api/useAction.ts'
import { whenOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Approvals.module.css'
import { maySign } from '../mine/mine.ts'
import { CardHead } from './CardHead.tsx'

type Verdict = AlertReview['verdict']
const verdicts: readonly Verdict[] = ['justified', 'not_justified']

/** Shows an alert sent without a second person: the reason, and the review to be signed. */
export function ReviewCard(props: { alert: AlertView; followUp?: FollowUpView; heading?: boolean }) {
  const { t, lang } = useText()
  const now = useMinute()
  const current = useCurrent()
  const { alert } = props
  const judged = props.followUp ?? alert
  const { approval } = judged
  return (
    <article className={classes.card} aria-label={t('review.of', { reference: alert.reference })}>
      {props.heading !== false && <CardHead alert={alert} level={3} />}
      {props.followUp === undefined && (
        <>
          <p className={classes.wants}>
            {t('review.sent', {
              who: approval.decidedBy ?? '',
              when: approval.decidedAt === null ? '' : whenOf(lang, approval.decidedAt, now),
            })}
          </p>
          {approval.reason !== null && (
            <blockquote className={classes.quote}>{t('text.quote', { text: approval.reason })}</blockquote>
          )}
        </>
      )}
      {props.heading !== false && <p className={classes.text}>{alert.sentText ?? alert.text}</p>}
      {maySign(current, { exercise: alert.exercise, approval }) ? (
        <Sign {...props} />
      ) : (
        <p className={classes.mute}>{t('review.notYours')}</p>
      )}
    </article>
  )
}

function Sign(props: { alert: AlertView; followUp?: FollowUpView }) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const { alert, followUp } = props
  const form = useForm<{ verdict: Verdict | null; note: string }>({
    initialValues: { verdict: null, note: '' },
  })
  const { verdict, note } = form.values
  const complete = verdict !== null && note.trim() !== ''
  const sign = useAction(
    (body: { verdict: Verdict; note: string }) => {
      const params = { scheme: scheme.id, id: alert.id }
      return followUp === undefined
        ? callApi('reviewAlert', { params, body })
        : callApi('reviewFollowUp', { params: { ...params, followUp: followUp.id }, body })
    },
    {
      form,
      success: t('review.done'),
      refresh: [
        ['alerts', scheme.id],
        ['alert', scheme.id, alert.id],
      ],
      onRefreshed: () => document.getElementById('contenu')?.focus({ preventScroll: true }),
    },
  )
  return (
    <form
      className={classes.sign}
      onSubmit={(event) => {
        event.preventDefault()
        if (complete && !sign.isPending) sign.mutate({ verdict, note: note.trim() })
      }}
    >
      <Radio.Group label={t('review.verdict')} {...form.getInputProps('verdict')} required>
        <div className={classes.verdicts}>
          {verdicts.map((one) => (
            <Radio key={one} value={one} label={t(`review.verdict.${one}`)} />
          ))}
        </div>
      </Radio.Group>
      <Textarea
        label={t('review.note')}
        description={t('review.note.why')}
        required
        autosize
        minRows={2}
        maxRows={6}
        maxLength={1000}
        {...form.getInputProps('note')}
      />
      <Failure error={sign.failure} />
      <Button type="submit" disabled={!complete} loading={sign.isPending}>
        {t('review.sign')}
      </Button>
    </form>
  )
}
