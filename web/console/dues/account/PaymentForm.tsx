import { Button, Checkbox } from '@mantine/core'
import { useForm } from '@mantine/form'
import { type FormEvent, useState } from 'react'
import type { NewPayment } from '../../../../src/dues/contract.ts'
import { writeEuros } from '../../../../src/message/money.ts'
import { ApiError, callApi } from '../../../api/client.ts'
import { today } from '../../../api/clock.ts'
import { newId } from '../../../api/ids.ts'
import { isRefusal } from '../../../api/problems.ts'
import { useAction } from '../../../api/useAction.ts'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Dues.module.css'
import { memberDuesQuery } from '../queries.ts'
import { MoneyFields, readAmount } from './MoneyFields.tsx'

const WAYS = ['transfer', 'cheque', 'cash'] as const satisfies readonly NewPayment['way'][]

/** Records a payment by transfer, cheque or cash. */
export function PaymentForm(props: { memberId: string; owedCents: number; onClose: () => void }) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const form = useForm({
    initialValues: {
      way: 'cheque' as NewPayment['way'],
      amountCents: props.owedCents > 0 ? writeEuros(lang, props.owedCents) : '',
      receivedOn: today(),
      reference: '',
      inAdvance: false,
      besideDebit: false,
      sameCheque: false,
    },
    // It was confirmed for another number.
    onValuesChange: ({ reference, sameCheque }, before) => {
      if (sameCheque && reference !== before.reference) form.setFieldValue('sameCheque', false)
    },
  })
  const [id] = useState(newId)
  const save = useAction(
    (body: NewPayment) =>
      callApi('recordPayment', { params: { scheme: scheme.id, id: props.memberId }, body }),
    {
      form,
      stores: memberDuesQuery(scheme.id, props.memberId).queryKey,
      success: (account) => t('dues.paid', { number: account.payments[0]?.receipt.number ?? '' }),
      refresh: [['dues', scheme.id]],
      onSuccess: () => props.onClose(),
      // An earlier try was recorded, with other values: it is shown.
      refreshAfterFailure: (error) =>
        isRefusal(error, 'id_taken') ? [memberDuesQuery(scheme.id, props.memberId).queryKey] : [],
    },
  )
  const refused = save.error instanceof ApiError ? save.error.code : undefined
  function submit(event: FormEvent): void {
    event.preventDefault()
    const amountCents = readAmount(form, t)
    if (amountCents !== undefined && !save.isPending) save.mutate({ id, ...form.values, amountCents })
  }
  const { inAdvance, besideDebit, sameCheque } = form.values
  return (
    <form className={classes.form} noValidate onSubmit={submit} aria-label={t('dues.pay')}>
      <MoneyFields ways={WAYS} form={form} day={{ label: t('dues.pay.on'), field: 'receivedOn' }} autoFocus />
      {(refused === 'more_than_due' || inAdvance) && (
        <Checkbox label={t('dues.pay.advance')} {...form.getInputProps('inAdvance', { type: 'checkbox' })} />
      )}
      {(refused === 'debit_under_way' || besideDebit) && (
        <Checkbox
          label={t('dues.pay.besideDebit')}
          {...form.getInputProps('besideDebit', { type: 'checkbox' })}
        />
      )}
      {form.values.way === 'cheque' && (refused === 'same_cheque' || sameCheque) && (
        <Checkbox
          label={t('dues.pay.sameCheque')}
          {...form.getInputProps('sameCheque', { type: 'checkbox' })}
        />
      )}
      <Failure error={save.failure} />
      <DialogButtons onBack={props.onClose} back={t('dues.cancel')} disabled={save.isPending}>
        <Button type="submit" loading={save.isPending}>
          {t('dues.pay.do')}
        </Button>
      </DialogButtons>
    </form>
  )
}
