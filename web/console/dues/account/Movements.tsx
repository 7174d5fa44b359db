import { Button } from '@mantine/core'
import { type ComponentProps, useState } from 'react'
import type { PaymentView, ReceiptName, RefundView } from '../../../../src/dues/contract.ts'
import { callApi, urlOf } from '../../../api/client.ts'
import { dayOf, moneyOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Dues.module.css'
import { ReasonForm } from './ReasonForm.tsx'

/** Shows a payment with its receipt, and the form that cancels it. */
export function Payment(props: { memberId: string; payment: PaymentView; mayCancel: boolean }) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const { memberId, payment, mayCancel } = props
  return (
    <Movement
      memberId={memberId}
      mayCancel={mayCancel}
      movement={payment}
      on={payment.receivedOn}
      notes={[payment.reference]}
      paper="dues.receipt"
      cancel={(body) =>
        callApi('cancelPayment', {
          params: { scheme: scheme.id, id: memberId, payment: payment.id },
          body,
        })
      }
      words={{
        cancel: t('dues.cancelPayment'),
        hint: t('dues.cancelPayment.hint'),
        confirm: t('dues.cancelPayment.do'),
        done: t('dues.cancelPayment.done'),
      }}
    />
  )
}

/** Shows a refund with its paper, and the form that cancels it. */
export function Refund(props: { memberId: string; refund: RefundView; mayCancel: boolean }) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const { memberId, refund, mayCancel } = props
  return (
    <Movement
      memberId={memberId}
      mayCancel={mayCancel}
      movement={refund}
      on={refund.paidOn}
      notes={[refund.reason, refund.reference]}
      paper="dues.refund.paper"
      cancel={(body) =>
        callApi('cancelRefund', { params: { scheme: scheme.id, id: memberId, refund: refund.id }, body })
      }
      words={{
        cancel: t('dues.refund.cancel'),
        hint: t('dues.refund.cancel.hint'),
        confirm: t('dues.refund.cancel.do'),
        done: t('dues.refund.cancel.done'),
      }}
    />
  )
}

type PaperLabel = 'dues.receipt' | 'dues.receipt.cancels' | 'dues.refund.paper'

/** Shows money that a member paid or got back, with its papers, and the form that cancels it. */
function Movement(props: {
  memberId: string
  mayCancel: boolean
  movement: Pick<PaymentView, 'way' | 'amountCents' | 'receipt' | 'cancelled'>
  /** The day of it, YYYY-MM-DD. */
  on: string
  notes: readonly string[]
  paper: PaperLabel
  cancel: ComponentProps<typeof ReasonForm>['send']
  words: { readonly cancel: string; readonly hint: string; readonly confirm: string; readonly done: string }
}) {
  const { t, lang } = useText()
  const [isCancelling, setCancelling] = useState(false)
  const { words } = props
  const { way, amountCents, receipt, cancelled } = props.movement
  const notes = props.notes.filter((note) => note !== '')
  return (
    <>
      <span className={classes.line}>
        <b>{t(`dues.way.${way}`)}</b>
        <span>{dayOf(lang, props.on)}</span>
        <span className={classes.end} data-struck={cancelled !== null || undefined}>
          {moneyOf(lang, amountCents)}
        </span>
      </span>
      {notes.length > 0 && <small>{notes.join(' · ')}</small>}
      {cancelled !== null && (
        <small>{t('dues.cancelled', { day: dayOf(lang, cancelled.at), reason: cancelled.reason })}</small>
      )}
      <span className={classes.papers}>
        <Receipt receipt={receipt} label={props.paper} />
        {cancelled !== null && <Receipt receipt={cancelled.receipt} label="dues.receipt.cancels" />}
        {cancelled === null && props.mayCancel && !isCancelling && (
          <Button variant="subtle" size="compact-sm" mih={44} onClick={() => setCancelling(true)}>
            {words.cancel}
          </Button>
        )}
      </span>
      {isCancelling && cancelled === null && (
        <ReasonForm
          memberId={props.memberId}
          send={props.cancel}
          label={t('dues.cancelPayment.why')}
          hint={words.hint}
          confirm={words.confirm}
          done={words.done}
          onClose={() => setCancelling(false)}
        />
      )}
    </>
  )
}

function Receipt(props: { receipt: ReceiptName; label: PaperLabel }) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const { year, no, number } = props.receipt
  return (
    <a
      className={classes.paper}
      href={urlOf('getReceipt', { params: { scheme: scheme.id, year, no } })}
      target="_blank"
      rel="noreferrer"
    >
      {t(props.label, { number })}
    </a>
  )
}
