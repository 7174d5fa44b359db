import type { ReportView } from '../../../../../src/reports/contract.ts'
import { useText } from '../../../../ui/format/text.ts'
import { StateTag } from '../../../../ui/StateTag.tsx'

const marks = { submitted: 'open', returned: 'warn', rejected: 'bad' } as const

/** Shows the state of a report's alert between its author and the second person. */
export function ApprovalMark(props: { report: ReportView }) {
  const { t } = useText()
  const { alert, rejection } = props.report
  const isRejected = rejection !== null && (alert === null || ['draft', 'rejected'].includes(alert.state))
  const mark = isRejected ? 'rejected' : alert?.state
  if (mark !== 'submitted' && mark !== 'returned' && mark !== 'rejected') return null
  return (
    <span>
      <StateTag tone={marks[mark]}>{t(`room.report.${mark}`)}</StateTag>
    </span>
  )
}
