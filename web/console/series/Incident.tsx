import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { SeriesReport } from '../../../src/reports/series/contract.ts'
import { momentOf } from '../../ui/format/format.ts'
import { useMinute } from '../../ui/format/now.ts'
import { CategoryName } from '../../ui/format/severity.tsx'
import { useText } from '../../ui/format/text.ts'
import classes from './Series.module.css'

/** Shows one incident of a series or of a proposal: when, what, where, and the action taken. */
export function Incident(props: { report: SeriesReport; before?: ReactNode; after?: ReactNode }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { report } = props
  return (
    <li className={classes.incident}>
      {props.before}
      <time dateTime={report.occurredAt}>{momentOf(lang, report.occurredAt, now)}</time>
      <div>
        <p className={classes.what}>
          <CategoryName category={report.category} />
          <span>{[report.commune.name, report.place].filter(Boolean).join(', ')}</span>
          {report.alert !== null && report.state === 'broadcast' ? (
            <Link to="/alertes/$alertId" params={{ alertId: report.alert.id }}>
              {report.alert.reference}
            </Link>
          ) : (
            <small>{t(`journal.tag.${report.state}`)}</small>
          )}
        </p>
        {report.facts !== null && <p className={classes.mute}>{report.facts}</p>}
      </div>
      {props.after}
    </li>
  )
}
