import { Button } from '@mantine/core'
import type { ReportView } from '../../../../../src/reports/contract.ts'
import { whenOf } from '../../../../ui/format/format.ts'
import { useMinute } from '../../../../ui/format/now.ts'
import { labelOf, useText } from '../../../../ui/format/text.ts'
import classes from '../Desk.module.css'

/** Points out, while a call is typed, the calls that wait and look like it. */
export function AlikeNotice(props: {
  calls: readonly ReportView[]
  onOpen: (report: ReportView) => void
  /** Closes this call as a duplicate. */
  onDuplicate: () => void
}) {
  const { t, lang } = useText()
  const now = useMinute()
  const { calls } = props
  return (
    <section className={classes.near} aria-label={t('alike.label')} data-left>
      <div className={classes.onward}>
        <b>{t('alike.waits', { count: calls.length })}</b>
        <Button variant="default" size="compact-xs" mih={{ base: 44, sm: 26 }} onClick={props.onDuplicate}>
          {t('near.duplicate')}
        </Button>
      </div>
      <ul>
        {calls.map((call) => (
          <li key={call.id} className={classes.onward}>
            <span>
              {[
                labelOf(lang, call.category),
                call.commune.name,
                whenOf(lang, call.occurredAt, now),
                call.createdBy,
              ]
                .filter(Boolean)
                .join(' · ')}
            </span>
            <Button
              variant="default"
              size="compact-xs"
              mih={{ base: 44, sm: 26 }}
              onClick={() => props.onOpen(call)}
            >
              {t('alike.open')}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  )
}
