import { NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { todayInParis } from '../../api/clock.ts'
import { problemAt } from '../../api/problems.ts'
import { parseEuros } from '../../ui/money.ts'
import { useText } from '../../ui/text.ts'
import classes from './Dues.module.css'

type Way = 'transfer' | 'cheque' | 'cash' | 'card'

/** The fields of a payment or a refund, as typed. */
export interface MoneyDraft<W extends Way> {
  readonly way: W
  readonly amount: string
  readonly on: string
  readonly reference: string
  /** Whether the typed amount is not a number. */
  readonly isWrong: boolean
}

/**
 * Keeps the typed fields.
 * @returns the draft, a function to change it, and one that reads the amount in cents (undefined if it is not a number,
 * which it marks)
 */
export function useMoney<W extends Way>(way: W, amount: string) {
  const [draft, setDraft] = useState<MoneyDraft<W>>({
    way,
    amount,
    on: todayInParis(),
    reference: '',
    isWrong: false,
  })
  const change = (part: Partial<MoneyDraft<W>>) => setDraft((before) => ({ ...before, ...part }))
  function readCents(): number | undefined {
    const cents = parseEuros(draft.amount)
    const isWrong = cents === undefined || cents === 0
    change({ isWrong })
    return isWrong ? undefined : cents
  }
  return { draft, change, readCents }
}

/** Fields for the means of payment, the amount, the day and the reference. */
export function MoneyFields<W extends Way>(props: {
  ways: readonly W[]
  draft: MoneyDraft<W>
  onChange: (part: Partial<MoneyDraft<W>>) => void
  /** The label of the day, and its field in the request. */
  day: { label: string; field: 'receivedOn' | 'paidOn' }
  error: unknown
  autoFocus?: boolean
}) {
  const { t } = useText()
  const { ways, draft, onChange, day, error } = props
  return (
    <>
      <div className={classes.pair}>
        <NativeSelect
          label={t('dues.pay.way')}
          autoFocus={props.autoFocus ?? false}
          value={draft.way}
          onChange={(event) =>
            onChange({ way: ways.find((one) => one === event.currentTarget.value) ?? draft.way })
          }
          data={ways.map((one) => ({ value: one, label: t(`dues.way.${one}`) }))}
        />
        <TextInput
          label={t('dues.amount')}
          inputMode="decimal"
          required
          value={draft.amount}
          rightSection={<span aria-hidden>€</span>}
          error={draft.isWrong ? t('dues.form.euros') : (problemAt(error, 'amountCents') ?? false)}
          onChange={(event) => onChange({ amount: event.currentTarget.value })}
        />
      </div>
      <div className={classes.pair}>
        <TextInput
          type="date"
          label={day.label}
          value={draft.on}
          max={todayInParis()}
          error={problemAt(error, day.field) ?? false}
          onChange={(event) => onChange({ on: event.currentTarget.value })}
        />
        <TextInput
          label={t(draft.way === 'cheque' ? 'dues.pay.cheque' : 'dues.pay.reference')}
          maxLength={80}
          required={draft.way === 'cheque'}
          value={draft.reference}
          error={problemAt(error, 'reference') ?? false}
          onChange={(event) => onChange({ reference: event.currentTarget.value })}
        />
      </div>
    </>
  )
}
