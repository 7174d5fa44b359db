import { VisuallyHidden } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { countOf } from '../../ui/format/format.ts'
import { useText } from '../../ui/format/text.ts'
import classes from '../approval/mine/ToDecide.module.css'
import type { Current } from '../shell/current.tsx'
import { correctionsQuery, enrolmentsQuery } from './queries.ts'

/** Counts the pending requests to join, and the corrections that businesses ask for. Renders nothing if there are none. */
export function ToAdmit(props: { current: Current }) {
  const { t, lang } = useText()
  const { current } = props
  const page = useQuery({
    ...enrolmentsQuery(current.scheme.id, 'submitted'),
    enabled: current.may('enrolment.read'),
  }).data
  const corrections = useQuery({
    ...correctionsQuery(current.scheme.id),
    enabled: current.may('member.change'),
  }).data?.corrections
  const waiting = { joins: page?.counts.submitted ?? 0, corrections: corrections?.length ?? 0 }
  const count = waiting.joins + waiting.corrections
  if (count === 0) return null
  const counts = (['joins', 'corrections'] as const).flatMap((what) =>
    waiting[what] === 0
      ? []
      : [t(`nav.enrolments.${what}`, { count: waiting[what], shown: countOf(lang, waiting[what]) })],
  )
  return (
    <span className={classes.count}>
      <span aria-hidden>{countOf(lang, count)}</span>
      <VisuallyHidden>{counts.join(', ')}</VisuallyHidden>
    </span>
  )
}
