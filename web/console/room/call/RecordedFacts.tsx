import { UnstyledButton } from '@mantine/core'
import type { ReportView } from '../../../../src/reports/contract.ts'
import { communeNameOf, whenOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { CategoryName } from '../../../ui/format/severity.tsx'
import { useText } from '../../../ui/format/text.ts'
import { RECORDED_ID } from '../ids.ts'
import classes from './Fields.module.css'

/** The facts of a recorded report, read-only. */
export function RecordedFacts(props: { report: ReportView; onLeave: () => void }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { report } = props
  const { caller } = report
  const who = [caller?.member?.name, caller?.name, caller?.phone].filter(Boolean).join(' · ')
  return (
    <section id={RECORDED_ID} tabIndex={-1} className={classes.summary} aria-label={t('room.recorded')}>
      <div className={classes.summaryHead}>
        <CategoryName category={report.category} />
        <UnstyledButton className={classes.small} onClick={props.onLeave}>
          {t('room.newCall')}
        </UnstyledButton>
      </div>
      <p>
        {[communeNameOf(report.commune), report.place].filter(Boolean).join(', ')} ·{' '}
        {t(report.portal ? 'room.recorded.portalTimes' : 'room.recorded.times', {
          occurred: whenOf(lang, report.occurredAt, now),
          called: whenOf(lang, report.calledAt, now),
        })}
      </p>
      {who !== '' && <p>{t(report.portal ? 'room.recorded.portal' : 'room.recorded.caller', { who })}</p>}
      {report.called17 !== null && (
        <p>{t(report.called17 ? 'room.recorded.called' : 'room.recorded.notCalled')}</p>
      )}
      {report.facts !== null && <p className={classes.recorded}>{report.facts}</p>}
      {report.relay !== null && (
        <p>
          {[
            t('relay.origin', { scheme: report.relay.scheme, reference: report.relay.reference }),
            report.relay.note,
          ]
            .filter(Boolean)
            .join(' · ')}
        </p>
      )}
    </section>
  )
}
