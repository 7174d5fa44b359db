import { NativeSelect, TextInput } from '@mantine/core'
import { parseEuros } from '../../../../src/message/money.ts'
import { today } from '../../../api/clock.ts'
import { DateField } from '../../../ui/fields/days/DateField.tsx'
import { type FormatMessage, useText } from '../../../ui/format/text.ts'
import classes from '../Dues.module.css'

type Way = 'transfer' | 'cheque' | 'cash' | 'card'

/** The fields of a payment or a refund. The amount is as typed, in euros, under the name of the request's field. */
interface MoneyValues {
  way: Way
  amountCents: string
  reference: string
}

/** The part of a form that the fields need, whatever else it holds. */
interface MoneyForm {
  readonly values: MoneyValues
  readonly getInputProps: (path: string) => object
  readonly setFieldError: (path: string, error: string) => void
}

/** Reads the typed amount in cents; undefined if it is not one, which its field then shows. */
export function readAmount(form: MoneyForm, t: FormatMessage): number | undefined {
  const cents = parseEuros(form.values.amountCents)
  if (cents !== undefined && cents !== 0) return cents
  form.setFieldError('amountCents', t('dues.form.euros'))
  return undefined
}

/** Fields for the means of payment, the amount, the day and the reference. */
export function MoneyFields(props: {
  ways: readonly Way[]
  form: MoneyForm
  /** The label of the day, and its field in the request. */
  day: { label: string; field: 'receivedOn' | 'paidOn' }
  autoFocus?: boolean
}) {
  const { t } = useText()
  const { ways, form, day } = props
  const isCheque = form.values.way === 'cheque'
  return (
    <>
      <div className={classes.pair}>
        <NativeSelect
          label={t('dues.pay.way')}
          autoFocus={props.autoFocus ?? false}
          {...form.getInputProps('way')}
          data={ways.map((one) => ({ value: one, label: t(`dues.way.${one}`) }))}
        />
        <TextInput
          label={t('dues.amount')}
          inputMode="decimal"
          required
          rightSection={<span aria-hidden>€</span>}
          {...form.getInputProps('amountCents')}
        />
      </div>
      <div className={classes.pair}>
        <DateField kind="day" label={day.label} max={today()} {...form.getInputProps(day.field)} />
        <TextInput
          label={t(isCheque ? 'dues.pay.cheque' : 'dues.pay.reference')}
          maxLength={80}
          required={isCheque}
          {...form.getInputProps('reference')}
        />
      </div>
    </>
  )
}
