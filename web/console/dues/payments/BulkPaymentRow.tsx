import { Button, Checkbox, TextInput } from '@mantine/core'
import type { GetInputPropsReturnType } from '@mantine/form'
import IconX from '@tabler/icons-react/icons/IconX'
import { useEffect, useRef } from 'react'
import type { BulkPayments, Payer } from '../../../../src/dues/bulk/contract.ts'
import { parseEuros } from '../../../../src/message/money.ts'
import { moneyOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import classes from '../Dues.module.css'

type Confirmation = BulkPayments['payments'][number]['confirms'][number]
type TextField = 'amount' | 'reference' | 'bank' | 'drawer'

export interface PaymentRow extends Readonly<Record<TextField, string>> {
  readonly key: string
  readonly payer: Payer
  readonly confirms: readonly Confirmation[]
}

/** The confirmation that lifts each problem of a row. */
const CONFIRMS: Readonly<Record<string, Confirmation>> = {
  'dues.more_than_due': 'advance',
  'dues.debit_under_way': 'debit',
  'dues.same_cheque': 'same_cheque',
  'dues.cheque_twice': 'same_cheque',
}

/** The fields of one payment, and what is to be confirmed about it. */
export function BulkPaymentRow(props: {
  row: PaymentRow
  /** Returns the value of a field and its change. */
  inputProps: (field: TextField) => GetInputPropsReturnType
  isCheque: boolean
  problems: readonly { readonly code: string; readonly path?: string | undefined; readonly message: string }[]
  onConfirm: (confirms: PaymentRow['confirms']) => void
  onDone: () => void
  onRemove: () => void
}) {
  const { t, lang } = useText()
  const { row, isCheque, problems } = props
  const { payer } = row
  const errorOf = (field: string) =>
    problems
      .filter(({ path }) => path?.endsWith(`.${field}`) === true)
      .map(({ message }) => message)
      .join(' ') || undefined
  const toConfirm = new Set(problems.flatMap(({ code }) => CONFIRMS[code] ?? []))
  const first = useRef<HTMLInputElement>(null)
  useEffect(() => first.current?.focus(), [])
  const text = (field: Exclude<TextField, 'amount'>, label: string, most: number) => (
    <TextInput
      ref={field === 'reference' ? first : null}
      label={label}
      maxLength={most}
      {...props.inputProps(field)}
      error={errorOf(field)}
      onKeyDown={(event) => {
        if (event.key !== 'Enter') return
        // A scanner ends with Enter: the next payment is typed.
        event.preventDefault()
        props.onDone()
      }}
    />
  )
  return (
    <fieldset className={classes.bulkRow}>
      <legend>
        <b>{payer.name}</b> · {payer.commune} ·{' '}
        {payer.owedCents > 0
          ? t('typed.owed', { owed: moneyOf(lang, payer.owedCents) })
          : t('typed.owed.nothing')}
      </legend>
      <TextInput
        label={t('typed.amount')}
        inputMode="decimal"
        rightSection={<span aria-hidden>€</span>}
        {...props.inputProps('amount')}
        error={
          errorOf('amountCents') ??
          (row.amount !== '' && parseEuros(row.amount) === undefined ? t('dues.form.euros') : undefined)
        }
      />
      {text('reference', t(isCheque ? 'typed.number' : 'typed.reference'), 80)}
      {isCheque && text('bank', t('typed.bank'), 60)}
      {isCheque && text('drawer', t('typed.drawer'), 80)}
      <Button
        variant="subtle"
        mih={44}
        className={classes.remove ?? ''}
        aria-label={t('typed.remove', { name: payer.name })}
        onClick={props.onRemove}
      >
        <IconX size={18} aria-hidden />
      </Button>
      {errorOf('member') !== undefined && <p className={classes.wrong}>{errorOf('member')}</p>}
      {(['advance', 'debit', 'same_cheque'] as const).map(
        (one) =>
          (toConfirm.has(one) || row.confirms.includes(one)) && (
            <Checkbox
              key={one}
              className={classes.confirm ?? ''}
              label={t(`typed.confirm.${one}`)}
              checked={row.confirms.includes(one)}
              onChange={(event) =>
                props.onConfirm(
                  event.currentTarget.checked
                    ? [...row.confirms, one]
                    : row.confirms.filter((confirmed) => confirmed !== one),
                )
              }
            />
          ),
      )}
    </fieldset>
  )
}
