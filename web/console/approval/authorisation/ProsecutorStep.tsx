import { Button } from '@mantine/core'
import IconGavel from '@tabler/icons-react/icons/IconGavel'
import { useState } from 'react'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import type { FollowUpView } from '../../../../src/alerts/follow-up/contract.ts'
import type { CallOutView } from '../../../../src/on-call/contract.ts'
import { callApi } from '../../../api/client.ts'
import { serverNow } from '../../../api/clock.ts'
import { useAction } from '../../../api/useAction.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { Asked, useAsked } from '../../on-call/Asked.tsx'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Approvals.module.css'
import { type AuthorisationEntry, AuthorisationFields, isComplete } from './AuthorisationFields.tsx'
import { AuthorisationSeal } from './AuthorisationSeal.tsx'
import { DeclineModal } from './DeclineModal.tsx'

/** Shows the authorisation of a text with identifying details, or lets it be given or recorded. */
export function ProsecutorStep(props: { alert: AlertView; followUp?: FollowUpView }) {
  const { may } = useCurrent()
  const { alert, followUp } = props
  const { authorisation } = followUp ?? alert
  const isPrecise = (followUp?.level ?? alert.doctrine.level) === 'precise'
  const asked = useAsked(isPrecise ? alert.id : null, followUp?.id ?? null)
  if (!isPrecise) return null
  return (
    <div className={classes.prosecutor}>
      {authorisation !== null && (
        <AuthorisationSeal authorisation={authorisation} valid={authorisation.valid} />
      )}
      {!authorisation?.valid && <Asked callOut={asked} />}
      {!authorisation?.valid &&
        (may('authorisation.record') ? <Give {...props} asked={asked} /> : <Lacking />)}
    </div>
  )
}

function Lacking() {
  const { t } = useText()
  return <p className={classes.lacking}>{t('authorisation.lacking')}</p>
}

function Give(props: { alert: AlertView; followUp?: FollowUpView; asked: CallOutView | undefined }) {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  const { alert, followUp, asked } = props
  const [declines, setDeclines] = useState(false)
  const isAsked = asked !== undefined && asked.endedAt === null
  const self = scheme.role === 'magistrate'
  const [entry, setEntry] = useState<Partial<AuthorisationEntry>>({})
  const whole: AuthorisationEntry = { magistrateId: '', givenAt: null, scope: asked?.scope ?? '', ...entry }
  const complete = self ? whole.scope.trim() !== '' : isComplete(whole)
  const shown = [
    ['alerts', scheme.id],
    ['alert', scheme.id, alert.id],
  ]
  const record = useAction(
    () => {
      const params = { scheme: scheme.id, id: alert.id }
      const body = {
        version: (followUp ?? alert).version,
        scope: whole.scope.trim(),
        ...(!self && {
          magistrateId: whole.magistrateId,
          givenAt: whole.givenAt ?? new Date(serverNow()).toISOString(),
        }),
      }
      return followUp === undefined
        ? callApi('recordAuthorisation', { params, body })
        : callApi('authoriseFollowUp', { params: { ...params, followUp: followUp.id }, body })
    },
    {
      success: t('authorisation.done'),
      refresh: shown,
      refreshAfterFailure: shown,
    },
  )
  const ask = useAction(
    () => {
      const params = { scheme: scheme.id, id: alert.id }
      const body = { version: (followUp ?? alert).version, scope: whole.scope.trim() }
      return followUp === undefined
        ? callApi('askAuthorisation', { params, body })
        : callApi('askFollowUpAuthorisation', { params: { ...params, followUp: followUp.id }, body })
    },
    { refresh: shown, refreshAfterFailure: shown },
  )
  return (
    <form
      className={classes.give}
      onSubmit={(event) => {
        event.preventDefault()
        if (complete && !record.isPending) record.mutate()
      }}
    >
      <p className={classes.giveHead}>
        <IconGavel size={18} aria-hidden className={classes.giveIcon} />
        {self ? t('authorisation.give') : t('authorisation.title')}
        <small>{t('authorisation.bound')}</small>
      </p>
      <AuthorisationFields value={whole} onChange={setEntry} self={self} />
      <Failure error={record.failure ?? ask.failure} />
      <div className={classes.giveButtons}>
        {self && isAsked && (
          <Button variant="default" onClick={() => setDeclines(true)}>
            {t('authorisation.decline')}
          </Button>
        )}
        {!self && !isAsked && may('alert.submit') && (
          <Button
            variant="light"
            disabled={whole.scope.trim() === ''}
            loading={ask.isPending}
            onClick={() => ask.mutate(undefined)}
          >
            {t('authorisation.ask')}
          </Button>
        )}
        <Button type="submit" disabled={!complete} loading={record.isPending}>
          {self ? t('authorisation.give.confirm') : t('authorisation.record')}
        </Button>
      </div>
      {declines && <DeclineModal alert={alert} followUp={followUp} onClose={() => setDeclines(false)} />}
    </form>
  )
}
