import { VisuallyHidden } from '@mantine/core'
import { useText } from '../../../ui/format/text.ts'
import type { Current } from '../../shell/current.tsx'
import { useSeenZoneAlerts } from './seenInZone.ts'
import classes from './ToDecide.module.css'
import { useMine } from './useMine.ts'

/**
 * Counts the alerts that need this user: to decide, authorise, review, correct or decide again, and unseen alerts of other
 * agencies in their zone. Renders nothing if there are none.
 */
export function ToDecide(props: { current: Current }) {
  const { t } = useText()
  const mine = useMine(props.current)
  const {
    submitted = [],
    asked = [],
    reviews = [],
    returned = [],
    rejected = [],
    followUps = [],
    zone = [],
  } = mine
  const seen = useSeenZoneAlerts()
  const count =
    submitted.length +
    asked.length +
    reviews.length +
    returned.length +
    rejected.length +
    followUps.length +
    zone.filter(({ id }) => !seen.includes(id)).length
  if (count === 0) return null
  return (
    <span className={classes.count}>
      <span aria-hidden>{count}</span>
      <VisuallyHidden>{t('nav.approvals.count', { count })}</VisuallyHidden>
    </span>
  )
}
