import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { alertQuery } from '../../api/queries.ts'
import { whenOf } from '../../ui/format.ts'
import { useMinute } from '../../ui/now.ts'
import { useText } from '../../ui/text.ts'
import { useCurrent } from '../shell/current.tsx'
import classes from './ReturnedBefore.module.css'

/** Says once, in place of a card that was on screen, who decided on it and when. */
export function DecidedMeanwhile(props: {
  /** The ids of the cards on screen; undefined while they load. */
  shown: readonly string[] | undefined
}) {
  const before = useRef<readonly string[]>([])
  const [gone, setGone] = useState<readonly string[]>([])
  const ids = props.shown?.join(' ')
  // biome-ignore lint/correctness/useExhaustiveDependencies: the ids tell what there is
  useEffect(() => {
    if (props.shown === undefined) return
    const left = before.current.filter((id) => !props.shown?.includes(id))
    before.current = props.shown
    if (left.length > 0) setGone((all) => [...all, ...left])
  }, [ids])
  return gone.map((id) => (
    <Decided key={id} alertId={id} onRead={() => setGone((all) => all.filter((one) => one !== id))} />
  ))
}

function Decided(props: { alertId: string; onRead: () => void }) {
  const { t, lang } = useText()
  const { scheme, user } = useCurrent()
  const now = useMinute()
  const alert = useQuery(alertQuery(scheme.id, props.alertId)).data?.alert
  // The user knows of their own decision.
  if (alert === undefined || alert.state === 'submitted' || alert.approval.decidedById === user.id)
    return null
  const { decision, decidedAt, decidedBy } = alert.approval
  return (
    <p role="status" className={classes.returned}>
      <span>
        <Link to="/alertes/$alertId" params={{ alertId: alert.id }}>
          {alert.reference}
        </Link>{' '}
        {decision === null
          ? t('approver.takenBack')
          : t(`decided.${decision}`, {
              who: decidedBy ?? '',
              when: decidedAt === null ? '' : whenOf(lang, decidedAt, now),
            })}
      </span>
      <Button variant="default" size="xs" onClick={props.onRead}>
        {t('approvals.understood')}
      </Button>
    </p>
  )
}
