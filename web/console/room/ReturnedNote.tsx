import IconCornerDownLeft from '@tabler/icons-react/icons/IconCornerDownLeft'
import type { ReportView } from '../../../src/reports/contract.ts'
import { whenOf } from '../../ui/format.ts'
import { useNow } from '../../ui/now.ts'
import { StateTag } from '../../ui/StateTag.tsx'
import { useText } from '../../ui/text.ts'
import classes from './Doctrine.module.css'
import type { Draft } from './draft.ts'

/** Why the approver sent it back: what there is to correct. */
export function ReturnedNote(props: { returned: Draft['returned'] }) {
  const { t, lang } = useText()
  const now = useNow()
  const { returned } = props
  if (returned === null) return null
  return (
    <section className={classes.returned} aria-label={t('returned.title')}>
      <IconCornerDownLeft size={20} aria-hidden className={classes.returnedIcon} />
      <div>
        <b>{t('returned.by', { who: returned.by ?? '', when: whenOf(lang, returned.at, now) })}</b>
        <blockquote>{t('text.quote', { text: returned.reason })}</blockquote>
      </div>
    </section>
  )
}

/** Where a report's alert stands between its author and the second person. */
export function ApprovalMark(props: { report: ReportView }) {
  const { t } = useText()
  const state = props.report.alert?.state
  if (state !== 'submitted' && state !== 'returned') return null
  return (
    <span>
      <StateTag tone={state === 'returned' ? 'warn' : 'open'}>{t(`room.report.${state}`)}</StateTag>
    </span>
  )
}
