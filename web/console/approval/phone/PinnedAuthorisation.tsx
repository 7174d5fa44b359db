import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import type { FollowUpView } from '../../../../src/alerts/follow-up/contract.ts'
import type { CallOutView } from '../../../../src/on-call/contract.ts'
import { callApi } from '../../../api/client.ts'
import { useAction } from '../../../api/useAction.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { useCurrent } from '../../shell/current.tsx'
import { DeclineModal } from '../authorisation/DeclineModal.tsx'
import classes from './ApproverPage.module.css'
import { DecideByHolding } from './HoldAndSides.tsx'

/** A magistrate's yes or no, pinned at the reach of a thumb: what it covers is written already, and holding gives it. */
export function PinnedAuthorisation(props: {
  alert: AlertView
  followUp?: FollowUpView
  asked: CallOutView | undefined
}) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const { alert, followUp, asked } = props
  const [scope, setScope] = useState(asked?.scope ?? t('authorisation.scope.whole'))
  const [declines, setDeclines] = useState(false)
  const shown = [
    ['alerts', scheme.id],
    ['alert', scheme.id, alert.id],
  ]
  const give = useAction(
    () => {
      const params = { scheme: scheme.id, id: alert.id }
      const body = { version: (followUp ?? alert).version, scope: scope.trim() }
      return followUp === undefined
        ? callApi('recordAuthorisation', { params, body })
        : callApi('authoriseFollowUp', { params: { ...params, followUp: followUp.id }, body })
    },
    { refresh: shown, refreshAfterFailure: shown },
  )
  return (
    <footer className={classes.pinned}>
      <TextInput
        label={t('authorisation.scope')}
        maxLength={500}
        value={scope}
        onChange={(event) => setScope(event.currentTarget.value)}
      />
      <Failure error={give.failure} />
      <DecideByHolding
        label={t('approver.authorise')}
        small={t('approver.authorise.what')}
        step={give.isPending ? 'sending' : 'read'}
        disabled={scope.trim() === ''}
        cancelSeconds={0}
        onConfirm={() => give.mutate(undefined)}
        onCountdownOver={() => {}}
      />
      {asked?.endedAt === null && (
        <Button
          variant="default"
          className={`${classes.side ?? ''} ${classes.refuse ?? ''}`}
          disabled={give.isPending}
          onClick={() => setDeclines(true)}
        >
          {t('authorisation.decline')}
        </Button>
      )}
      {declines && <DeclineModal alert={alert} followUp={followUp} onClose={() => setDeclines(false)} />}
    </footer>
  )
}
