import { VisuallyHidden } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useText } from '../../ui/text.ts'
import type { Current } from '../shell/current.tsx'
import { isAuthor, mayDecide, maySign } from './mine.ts'
import { returnedQuery, reviewsQuery, submittedQuery } from './queries.ts'
import classes from './ToDecide.module.css'

/** How many alerts wait for this person: to decide, to sign, or to correct. Nothing when none does. */
export function ToDecide(props: { current: Current }) {
  const { t } = useText()
  const { current } = props
  const { id } = current.scheme
  const decides = current.may('alert.approve')
  const submitted = useQuery({ ...submittedQuery(id), enabled: decides }).data ?? []
  const reviews = useQuery({ ...reviewsQuery(id), enabled: current.may('alert.review') }).data ?? []
  const returned = useQuery({ ...returnedQuery(id), enabled: current.may('alert.submit') }).data ?? []
  const count =
    submitted.filter((alert) => mayDecide(current, alert)).length +
    reviews.filter((alert) => maySign(current, alert)).length +
    returned.filter((alert) => isAuthor(current, alert)).length
  if (count === 0) return null
  return (
    <span className={classes.count}>
      <span aria-hidden>{count}</span>
      <VisuallyHidden>{t('nav.approvals.count', { count })}</VisuallyHidden>
    </span>
  )
}
