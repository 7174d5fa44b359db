import { Button } from '@mantine/core'
import { useState } from 'react'
import type { PaymentView, ReceiptName, RefundView } from '../../../../src/dues/contract.ts'
import { callApi, urlOf } from '../../../api/client.ts'
import { dayOf, moneyOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Dues.module.css'
import { ReasonForm } from './ReasonForm.tsx'

/** Shows a payment with its receipt, and the form that cancels it. */
export function Payment(props: { memberId: string; payment: PaymentView; mayCancel: boolean }) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const [isCancelling, setCancelling] = useState(false)
  const { memberId, payment } = props
  const { cancelled } = payment
  return (
    <>
      <span className={classes.line}>
        <b>{t(`dues.way.${payment.way}`)}</b>
        <span>{dayOf(lang, payment.receivedOn)}</span>
        <span className={classes.end} data-struck={cancelled !== null || undefined}>
          {moneyOf(lang, payment.amountCents)}
        </span>
      </span>
      {payment.reference !== '' && <small>{payment.reference}</small>}
      {cancelled !== null && (
        <small>{t('dues.cancelled', { day: dayOf(lang, cancelled.at), reason: cancelled.reason })}</small>
      )}
      <span className={classes.papers}>
        <Receipt receipt={payment.receipt} />
        {cancelled !== null && <Receipt receipt={cancelled.receipt} label="dues.receipt.cancels" />}
        {cancelled === null && props.mayCancel && !isCancelling && (
          <Button variant="subtle" size="compact-sm" mih={44} onClick={() => setCancelling(true)}>
            {t('dues.cancelPayment')}
          </Button>
        )}
      </span>
      {isCancelling && cancelled === null && (
        <ReasonForm
          memberId={memberId}
          send={(body) =>
            callApi('cancelPayment', {
              params: { scheme: scheme.id, id: memberId, payment: payment.id },
              body,
            })
          }
          label={t('dues.cancelPayment.why')}
          hint={t('dues.cancelPayment.hint')}
          confirm={t('dues.cancelPayment.do')}
          done={t('dues.cancelPayment.done')}
          onClose={() => setCancelling(false)}
        />
      )}
    </>
  )
}

/** Shows a refund with its paper, and the form that cancels it. */
export function Refund(props: { memberId: string; refund: RefundView; mayCancel: boolean }) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const [isCancelling, setCancelling] = useState(false)
  const { memberId, refund } = props
  const { cancelled } = refund
  return (
    <>
      <span className={classes.line}>
        <b>{t(`dues.way.${refund.way}`)}</b>
        <span>{dayOf(lang, refund.paidOn)}</span>
        <span className={classes.end} data-struck={cancelled !== null || undefined}>
          {moneyOf(lang, refund.amountCents)}
        </span>
      </span>
      <small>{[refund.reason, refund.reference].filter((part) => part !== '').join(' · ')}</small>
      {cancelled !== null && (
        <small>{t('dues.cancelled', { day: dayOf(lang, cancelled.at), reason: cancelled.reason })}</small>
      )}
      <span className={classes.papers}>
        <Receipt receipt={refund.receipt} label="dues.refund.paper" />
        {cancelled !== null && <Receipt receipt={cancelled.receipt} label="dues.receipt.cancels" />}
        {cancelled === null && props.mayCancel && !isCancelling && (
          <Button variant="subtle" size="compact-sm" mih={44} onClick={() => setCancelling(true)}>
            {t('dues.refund.cancel')}
          </Button>
        )}
      </span>
      {isCancelling && cancelled === null && (
        <ReasonForm
          memberId={memberId}
          send={(body) =>
            callApi('cancelRefund', { params: { scheme: scheme.id, id: memberId, refund: refund.id }, body })
          }
          label={t('dues.cancelPayment.why')}
          hint={t('dues.refund.cancel.hint')}
          confirm={t('dues.refund.cancel.do')}
          done={t('dues.refund.cancel.done')}
          onClose={() => setCancelling(false)}
        />
      )}
    </>
  )
}

function Receipt(props: {
  receipt: ReceiptName
  label?: 'dues.receipt' | 'dues.receipt.cancels' | 'dues.refund.paper'
}) {
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
      {t(props.label ?? 'dues.receipt', { number })}
    </a>
  )
}
