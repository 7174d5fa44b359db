import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { type FormEvent, useState } from 'react'
import type { MemberDues, NewRefund } from '../../../../src/dues/contract.ts'
import { writeEuros } from '../../../../src/message/money.ts'
import { callApi } from '../../../api/client.ts'
import { today } from '../../../api/clock.ts'
import { newId } from '../../../api/ids.ts'
import { isRefusal } from '../../../api/problems.ts'
import { useAction } from '../../../api/useAction.ts'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { dayOf, moneyOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Dues.module.css'
import { memberDuesQuery } from '../queries.ts'
import { MoneyFields, readAmount } from './MoneyFields.tsx'

const WAYS = ['transfer', 'cheque', 'cash', 'card'] as const satisfies readonly NewRefund['way'][]
const ADVANCE = ''

/** The payments of an account that can be refunded. */
export function refundablePayments(account: MemberDues): MemberDues['payments'] {
  return account.payments.filter(({ cancelled }) => cancelled === null)
}

/** Records a refund to a member: of its credit, or of one payment. */
export function RefundForm(props: { memberId: string; account: MemberDues; onClose: () => void }) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const { account, memberId } = props
  const payments = refundablePayments(account)
  const inAdvance = Math.max(0, -account.balanceCents)
  const form = useForm({
    initialValues: {
      paymentId: inAdvance > 0 ? ADVANCE : (payments[0]?.id ?? ADVANCE),
      way: 'transfer' as NewRefund['way'],
      amountCents: inAdvance > 0 ? writeEuros(lang, inAdvance) : '',
      paidOn: today(),
      reference: '',
      reason: '',
    },
  })
  const isOfAdvance = form.values.paymentId === ADVANCE
  const [id] = useState(newId)
  const save = useAction(
    (body: NewRefund) => callApi('recordRefund', { params: { scheme: scheme.id, id: memberId }, body }),
    {
      form,
      stores: memberDuesQuery(scheme.id, memberId).queryKey,
      success: (view) => t('dues.refunded', { number: view.refunds[0]?.receipt.number ?? '' }),
      refresh: [['dues', scheme.id]],
      onSuccess: () => props.onClose(),
      // An earlier try was recorded, with other values: it is shown.
      refreshAfterFailure: (error) =>
        isRefusal(error, 'id_taken') ? [memberDuesQuery(scheme.id, memberId).queryKey] : [],
    },
  )
  function submit(event: FormEvent): void {
    event.preventDefault()
    const amountCents = readAmount(form, t)
    if (amountCents === undefined || save.isPending) return
    save.mutate({ id, ...form.values, amountCents, ...(isOfAdvance && { paymentId: null }) })
  }
  return (
    <form className={classes.form} noValidate onSubmit={submit} aria-label={t('dues.refund')}>
      <NativeSelect
        label={t('dues.refund.of')}
        autoFocus
        {...(isOfAdvance ? {} : { description: t('dues.refund.again') })}
        {...form.getInputProps('paymentId')}
        data={[
          ...(inAdvance > 0
            ? [{ value: ADVANCE, label: t('dues.refund.of.advance', { amount: moneyOf(lang, inAdvance) }) }]
            : []),
          ...payments.map(({ id, receivedOn, amountCents, receipt }) => ({
            value: id,
            label: t('dues.refund.of.payment', {
              day: dayOf(lang, receivedOn),
              amount: moneyOf(lang, amountCents),
              number: receipt.number,
            }),
          })),
        ]}
      />
      <MoneyFields ways={WAYS} form={form} day={{ label: t('dues.refund.on'), field: 'paidOn' }} />
      <TextInput label={t('dues.refund.why')} maxLength={200} required {...form.getInputProps('reason')} />
      <Failure error={save.failure} />
      <DialogButtons onBack={props.onClose} back={t('dues.cancel')} disabled={save.isPending}>
        <Button type="submit" loading={save.isPending}>
          {t('dues.refund.do')}
        </Button>
      </DialogButtons>
    </form>
  )
}
