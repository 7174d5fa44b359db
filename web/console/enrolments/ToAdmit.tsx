import { VisuallyHidden } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useText } from '../../ui/text.ts'
import classes from '../approval/ToDecide.module.css'
import type { Current } from '../shell/current.tsx'
import { correctionsQuery, enrolmentsQuery } from './queries.ts'

/** Counts the pending requests to join, and the corrections that businesses ask for. Renders nothing if there are none. */
export function ToAdmit(props: { current: Current }) {
  const { t } = useText()
  const { current } = props
  const page = useQuery({
    ...enrolmentsQuery(current.scheme.id, 'submitted'),
    enabled: current.may('enrolment.read'),
  }).data
  const corrections = useQuery({
    ...correctionsQuery(current.scheme.id),
    enabled: current.may('member.change'),
  }).data?.corrections
  const count = (page?.counts.submitted ?? 0) + (corrections?.length ?? 0)
  if (count === 0) return null
  return (
    <span className={classes.count}>
      <span aria-hidden>{count}</span>
      <VisuallyHidden>{t('nav.enrolments.count', { count })}</VisuallyHidden>
    </span>
  )
}
