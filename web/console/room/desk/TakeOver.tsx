import { Button, Modal } from '@mantine/core'
import { useState } from 'react'
import type { ClaimView, ReportView } from '../../../../src/reports/contract.ts'
import { Clock } from '../../../ui/alert/Clock.tsx'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { communeNameOf, whenOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { labelOf, useText } from '../../../ui/format/text.ts'
import { KeepFocus } from '../../../ui/KeepFocus.tsx'
import { Failure } from '../../../ui/Notice.tsx'
import classes from './Desk.module.css'

/** Asks whether to take over a report that another user has claimed, and shows its content. */
export function TakeOverModal(props: {
  report: ReportView
  claim: ClaimView
  take: () => Promise<void>
  onClose: () => void
}) {
  const { t, lang } = useText()
  const now = useMinute()
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<unknown>(null)
  const { report, claim } = props
  const take = async () => {
    setBusy(true)
    try {
      await props.take()
    } catch (error) {
      setFailure(error)
      setBusy(false)
    }
  }
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={props.onClose}
      title={t('claim.title', { by: claim.by })}
      size={520}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <KeepFocus />
      <div className={classes.report}>
        <p>
          <b>{labelOf(lang, report.category)}</b> <Clock since={report.calledAt} />
        </p>
        <p>
          {[communeNameOf(report.commune), report.place, report.caller?.member?.name]
            .filter(Boolean)
            .join(' · ')}
        </p>
        {report.facts !== null && <p>{report.facts}</p>}
      </div>
      <p>{t('claim.active', { when: whenOf(lang, claim.at, now) })}</p>
      {failure !== null && <Failure error={failure} />}
      <DialogButtons onBack={props.onClose} back={t('claim.leave')} size="md" startsOnBack>
        <Button size="md" loading={busy} onClick={() => void take()}>
          {t('claim.take')}
        </Button>
      </DialogButtons>
    </Modal>
  )
}
