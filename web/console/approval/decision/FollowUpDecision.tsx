import { Button, Modal } from '@mantine/core'
import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { MouseEventHandler } from 'react'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import type { FollowUpPreview, FollowUpView } from '../../../../src/alerts/follow-up/contract.ts'
import type { Segmentation } from '../../../../src/message/segment.ts'
import { callApi } from '../../../api/client.ts'
import { schemeQuery } from '../../../api/queries.ts'
import { useAction } from '../../../api/useAction.ts'
import { countOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { KeepFocus } from '../../../ui/KeepFocus.tsx'
import { Failure } from '../../../ui/Notice.tsx'
import { toast } from '../../../ui/toasts/toast.ts'
import { Departing } from '../../alerts/follow-up/Departure.tsx'
import { FollowUpRead } from '../../alerts/follow-up/FollowUpLook.tsx'
import { SendUncalled } from '../../on-call/SendUnanswered.tsx'
import sheet from '../../room/order/ConfirmSheet.module.css'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Approvals.module.css'
import { Unpassed, useUnpassed } from '../facts/GuardSays.tsx'
import { isAuthor, mayDecide } from '../mine/mine.ts'
import { useAlertRefresh } from '../useAlertRefresh.ts'
import { useDialog } from '../useDialog.ts'
import type { Verb } from './DecideModal.tsx'
import { ReturnOrReject } from './ReturnOrReject.tsx'
import { useFollowUpApproval } from './useFollowUpApproval.ts'

interface Props {
  alert: AlertView
  followUp: FollowUpView
  preview: UseQueryResult<FollowUpPreview>
  segments: Segmentation
}

/** Lets the second person send, return or reject a follow-up; lets its author change or drop it. */
export function FollowUpDecision(props: Props) {
  const { t } = useText()
  const current = useCurrent()
  const { alert, followUp } = props
  const refresh = useAlertRefresh(alert.id)
  const { dialog, open, close, leave } = useDialog<'approve' | Verb>()
  const settled = async (said: string) => {
    void toast(said)
    await leave(refresh)
  }
  const decided = { exercise: alert.exercise, approval: followUp.approval }
  const decides = followUp.state === 'submitted' && mayDecide(current, decided)
  /** Another message was sent since it was written, so it no longer follows the latest one. */
  const isOvertaken = alert.broadcasts.at(-1)?.id !== followUp.after
  return (
    <div className={classes.actions}>
      {isOvertaken && <p className={`${classes.warn} ${classes.says}`}>{t('followUp.overtaken')}</p>}
      {decides ? (
        <Verbs {...props} isOvertaken={isOvertaken} open={open} />
      ) : (
        <Waiting {...props} onDropped={() => settled(t('followUp.dropped'))} />
      )}
      {dialog === 'approve' && <Approve {...props} onSent={settled} onClose={close} />}
      {(dialog === 'return' || dialog === 'reject') && (
        <ReturnOrReject verb={dialog} alert={alert} followUp={followUp} onDecided={settled} onClose={close} />
      )}
    </div>
  )
}

/** The buttons of the second person: sending is possible once nothing is lacking. */
function Verbs(
  props: Props & {
    isOvertaken: boolean
    open: (verb: 'approve' | Verb) => MouseEventHandler<HTMLButtonElement>
  },
) {
  const { t, lang } = useText()
  const { alert, followUp, isOvertaken, open } = props
  const { data } = props.preview
  const lacking = followUp.level === 'precise' && !followUp.authorisation?.valid
  const unpassed = useUnpassed({ alert, followUp })
  return (
    <>
      {lacking && <p className={`${classes.warn} ${classes.says}`}>{t('authorisation.lacking')}</p>}
      <Unpassed alert={alert} followUp={followUp} />
      <Button variant="subtle" color="red" onClick={open('reject')}>
        {t('approvals.reject')}
      </Button>
      <Button variant="default" onClick={open('return')}>
        {t('approvals.return')}
      </Button>
      <Button
        disabled={lacking || unpassed !== null || isOvertaken || !data?.recipients}
        onClick={open('approve')}
      >
        {data === undefined
          ? t('followUp.send.plain')
          : t('followUp.send', { count: data.recipients, shown: countOf(lang, data.recipients) })}
      </Button>
    </>
  )
}

/** Says that another user decides, and lets the author change or drop the follow-up. */
function Waiting(props: Props & { onDropped: () => Promise<void> }) {
  const { t } = useText()
  const current = useCurrent()
  const { alert, followUp } = props
  const isSubmitted = followUp.state === 'submitted'
  const drop = useAction(
    () =>
      callApi('discardFollowUp', {
        params: { scheme: current.scheme.id, id: alert.id, followUp: followUp.id },
        body: { version: followUp.version },
      }),
    { onSuccess: props.onDropped },
  )
  const isOwn = isAuthor(current, { exercise: alert.exercise, approval: followUp.approval })
  return (
    <>
      <p className={`${classes.mute} ${classes.says}`}>
        {isSubmitted && t(isOwn && current.may('alert.approve') ? 'approvals.notYours' : 'approvals.waits')}
      </p>
      <Failure error={drop.failure} />
      {isSubmitted && <SendUncalled alertId={alert.id} followUpId={followUp.id} />}
      {current.may('alert.follow_up') && (
        <>
          <Button variant="subtle" color="red" loading={drop.isPending} onClick={() => drop.mutate()}>
            {t('followUp.drop')}
          </Button>
          <Button
            variant="default"
            renderRoot={(root) => (
              <Link
                {...root}
                to="/alertes/$alertId"
                params={{ alertId: alert.id }}
                search={{ suite: followUp.kind }}
              />
            )}
          >
            {t(isSubmitted ? 'approvals.takeBack' : 'returned.takeUp')}
          </Button>
        </>
      )}
    </>
  )
}

function Approve(props: Props & { onSent: (said: string) => Promise<void>; onClose: () => void }) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const cancelSeconds = useQuery(schemeQuery(scheme.id)).data?.doctrine.cancelWindowSeconds ?? 0
  const departure = useFollowUpApproval(props, { cancelSeconds, onSent: props.onSent })
  const close = () => {
    if (departure.step === 'leaving') departure.cancel()
    else if (departure.step !== 'sending') props.onClose()
  }
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={close}
      size={620}
      title={t(`followUp.${props.followUp.kind}.title`)}
      closeOnClickOutside={departure.step === 'read'}
      closeButtonProps={{
        'aria-label': t('action.close'),
        className: departure.step === 'read' || departure.step === 'asking' ? '' : (sheet.away ?? ''),
      }}
    >
      <KeepFocus />
      <Departing
        departure={departure}
        cancelSeconds={cancelSeconds}
        label={t('followUp.hold')}
        onBack={props.onClose}
      >
        <FollowUpRead alert={props.alert} segments={props.segments} preview={props.preview} />
      </Departing>
    </Modal>
  )
}
