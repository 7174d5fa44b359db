import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { alertQuery } from '../../../api/queries.ts'
import { whenOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../facts/ReturnedBefore.module.css'

/** A card on screen: an alert, or a follow-up of it. */
export interface ShownCard {
  readonly alertId: string
  /** Null: the alert itself. */
  readonly followUpId: string | null
}

const keyOf = ({ alertId, followUpId }: ShownCard) => `${alertId}:${followUpId ?? ''}`

/** Says once, in place of a card that was on screen, who decided on it and when. */
export function DecidedMeanwhile(props: {
  /** The cards on screen that wait for a decision; undefined while they load. */
  shown: readonly ShownCard[] | undefined
}) {
  const before = useRef<readonly ShownCard[]>([])
  const [gone, setGone] = useState<readonly ShownCard[]>([])
  const keys = props.shown?.map(keyOf)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the keys tell what there is
  useEffect(() => {
    if (props.shown === undefined || keys === undefined) return
    const left = before.current.filter((card) => !keys.includes(keyOf(card)))
    before.current = props.shown
    if (left.length > 0) setGone((all) => [...all, ...left])
  }, [keys?.join(' ')])
  return gone.map((card) => (
    <Decided
      key={keyOf(card)}
      card={card}
      onRead={() => setGone((all) => all.filter((one) => one !== card))}
    />
  ))
}

function Decided(props: { card: ShownCard; onRead: () => void }) {
  const { t, lang } = useText()
  const { scheme, user } = useCurrent()
  const now = useMinute()
  const { alertId, followUpId } = props.card
  const alert = useQuery(alertQuery(scheme.id, alertId)).data?.alert
  if (alert === undefined) return null
  const followUp = alert.followUps.find(({ id }) => id === followUpId)
  const message = followUpId === null ? alert : followUp
  // The user knows of their own decision.
  if (message?.state === 'submitted' || message?.approval.decidedById === user.id) return null
  const { decision = null, decidedAt = null, decidedBy = null } = message?.approval ?? {}
  const said = { who: decidedBy ?? '', when: decidedAt === null ? '' : whenOf(lang, decidedAt, now) }
  return (
    <p role="status" className={classes.returned}>
      <span>
        <Link to="/alertes/$alertId" params={{ alertId: alert.id }}>
          {alert.reference}
        </Link>{' '}
        {followUpId === null
          ? decision === null
            ? t('approver.takenBack')
            : t(`decided.${decision}`, said)
          : followUp === undefined || decision === null
            ? t('approver.gone')
            : t(`followUp.${decision}`, { kind: t(`message.${followUp.kind}`), ...said })}
      </span>
      <Button variant="default" size="xs" onClick={props.onRead}>
        {t('approvals.understood')}
      </Button>
    </p>
  )
}
