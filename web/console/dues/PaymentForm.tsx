import { Button, Checkbox } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { NewPayment } from '../../../src/dues/contract.ts'
import { ApiError, callApi } from '../../api/client.ts'
import { useAction } from '../../api/useAction.ts'
import { newId } from '../../api/ids.ts'
import { isRefusal } from '../../api/problems.ts'
import { writeEuros } from '../../ui/money.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useText } from '../../ui/text.ts'
import { useCurrent } from '../shell/current.tsx'
import classes from './Dues.module.css'
import { MoneyFields, useMoney } from './MoneyFields.tsx'
import { memberDuesQuery } from './queries.ts'

const WAYS = ['transfer', 'cheque', 'cash'] as const satisfies readonly NewPayment['way'][]
const FIELDS = ['way', 'amountCents', 'receivedOn', 'reference']

/** Records a payment by transfer, cheque or cash. */
export function PaymentForm(props: { memberId: string; owedCents: number; onClose: () => void }) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const money = useMoney<NewPayment['way']>(
    'cheque',
    props.owedCents > 0 ? writeEuros(lang, props.owedCents) : '',
  )
  const [id] = useState(newId)
  const [inAdvance, setInAdvance] = useState(false)
  const [besideDebit, setBesideDebit] = useState(false)
  const [sameCheque, setSameCheque] = useState(false)
  const save = useAction(
    (body: NewPayment) =>
      callApi('recordPayment', { params: { scheme: scheme.id, id: props.memberId }, body }),
    {
      fields: FIELDS,
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
    const amountCents = money.readCents()
    if (amountCents === undefined || save.isPending) return
    const { way, on: receivedOn, reference } = money.draft
    save.mutate({ id, way, amountCents, receivedOn, reference, inAdvance, besideDebit, sameCheque })
  }
  return (
    <form className={classes.form} noValidate onSubmit={submit} aria-label={t('dues.pay')}>
      <MoneyFields
        ways={WAYS}
        draft={money.draft}
        day={{ label: t('dues.pay.on'), field: 'receivedOn' }}
        error={save.error}
        autoFocus
        onChange={(part) => {
          money.change(part)
          // The error was about another number.
          if (part.reference !== undefined) setSameCheque(false)
        }}
      />
      {(refused === 'more_than_due' || inAdvance) && (
        <Checkbox
          label={t('dues.pay.advance')}
          checked={inAdvance}
          onChange={(event) => setInAdvance(event.currentTarget.checked)}
        />
      )}
      {(refused === 'debit_under_way' || besideDebit) && (
        <Checkbox
          label={t('dues.pay.besideDebit')}
          checked={besideDebit}
          onChange={(event) => setBesideDebit(event.currentTarget.checked)}
        />
      )}
      {money.draft.way === 'cheque' && (refused === 'same_cheque' || sameCheque) && (
        <Checkbox
          label={t('dues.pay.sameCheque')}
          checked={sameCheque}
          onChange={(event) => setSameCheque(event.currentTarget.checked)}
        />
      )}
      <Failure error={save.failure} />
      <div className={classes.actions}>
        <Button type="submit" loading={save.isPending}>
          {t('dues.pay.do')}
        </Button>
        <Button variant="default" disabled={save.isPending} onClick={props.onClose}>
          {t('dues.cancel')}
        </Button>
      </div>
    </form>
  )
}
