import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import { ExerciseTag } from '../../../ui/alert/Exercise.tsx'
import { CategoryName } from '../../../ui/format/severity.tsx'
import classes from '../Approvals.module.css'

/** Shows the subject of an alert and a value beside it. */
export function CardHead(props: { alert: AlertView; level?: 2 | 3; children?: ReactNode }) {
  const { alert } = props
  const Heading = props.level === 3 ? 'h3' : 'h2'
  return (
    <div className={classes.head}>
      <Heading>
        <CategoryName category={alert.category} />
        <span className={classes.where}>{alert.commune.name}</span>
      </Heading>
      <Link to="/alertes/$alertId" params={{ alertId: alert.id }} className={classes.ref}>
        {alert.reference}
      </Link>
      {alert.exercise && <ExerciseTag />}
      {props.children}
    </div>
  )
}
