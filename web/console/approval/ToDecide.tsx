import { VisuallyHidden } from '@mantine/core'
import { useText } from '../../ui/text.ts'
import type { Current } from '../shell/current.tsx'
import classes from './ToDecide.module.css'
import { useTold } from './told.ts'
import { useMine } from './useMine.ts'

/**
 * How many alerts wait for this person: to decide, to sign, to correct or to decide anew; with those that another
 * agency gave in their zone and they have not seen. Nothing when none does.
 */
export function ToDecide(props: { current: Current }) {
  const { t } = useText()
  const mine = useMine(props.current)
  const { submitted = [], reviews = [], returned = [], rejected = [], followUps = [], zone = [] } = mine
  const told = useTold()
  const count =
    submitted.length +
    reviews.length +
    returned.length +
    rejected.length +
    followUps.length +
    zone.filter(({ id }) => !told.includes(id)).length
  if (count === 0) return null
  return (
    <span className={classes.count}>
      <span aria-hidden>{count}</span>
      <VisuallyHidden>{t('nav.approvals.count', { count })}</VisuallyHidden>
    </span>
  )
}
