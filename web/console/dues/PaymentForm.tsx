import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { MemberDues, NewPayment } from '../../../src/members/dues/contract.ts'
import { ApiError, inScheme, post } from '../../api/client.ts'
import { todayInParis } from '../../api/clock.ts'
import { isAboutFields, problemAt } from '../../api/problems.ts'
import { parseEuros, writeEuros } from '../../ui/money.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useText } from '../../ui/text.ts'
import { toast } from '../../ui/toast.ts'
import { useCurrent } from '../shell/current.tsx'
import classes from './Dues.module.css'
import { memberDuesQuery } from './queries.ts'

const WAYS = ['transfer', 'cheque', 'cash'] as const satisfies readonly NewPayment['way'][]
const FIELDS = ['way', 'amountCents', 'receivedOn', 'reference']

/** A payment that came by transfer, by cheque or in cash. */
export function PaymentForm(props: { memberId: string; owedCents: number; onClose: () => void }) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const client = useQueryClient()
  const [way, setWay] = useState<NewPayment['way']>('cheque')
  const [amount, setAmount] = useState(props.owedCents > 0 ? writeEuros(lang, props.owedCents) : '')
  const [receivedOn, setReceivedOn] = useState(todayInParis)
  const [reference, setReference] = useState('')
  const [inAdvance, setInAdvance] = useState(false)
  const [besideDebit, setBesideDebit] = useState(false)
  const [sameCheque, setSameCheque] = useState(false)
  const [isWrong, setWrong] = useState(false)
  const save = useMutation({
    mutationFn: (body: NewPayment) =>
      post<MemberDues>(inScheme(scheme.id, `/members/${props.memberId}/payments`), body),
    onSuccess: (account) => {
      client.setQueryData(memberDuesQuery(scheme.id, props.memberId).queryKey, account)
      void client.invalidateQueries({ queryKey: ['dues', scheme.id] })
      void toast(t('dues.paid', { number: account.payments[0]?.receipt.number ?? '' }))
      props.onClose()
    },
  })
  const refused = save.error instanceof ApiError ? save.error.code : undefined
  function submit(event: FormEvent): void {
    event.preventDefault()
    const amountCents = parseEuros(amount)
    setWrong(amountCents === undefined || amountCents === 0)
    if (amountCents === undefined || amountCents === 0 || save.isPending) return
    save.mutate({ way, amountCents, receivedOn, reference, inAdvance, besideDebit, sameCheque })
  }
  return (
    <form className={classes.form} noValidate onSubmit={submit} aria-label={t('dues.pay')}>
      <div className={classes.pair}>
        <NativeSelect
          label={t('dues.pay.way')}
          autoFocus
          value={way}
          onChange={(event) => setWay(WAYS.find((one) => one === event.currentTarget.value) ?? 'cheque')}
          data={WAYS.map((one) => ({ value: one, label: t(`dues.way.${one}`) }))}
        />
        <TextInput
          label={t('dues.amount')}
          inputMode="decimal"
          required
          value={amount}
          rightSection={<span aria-hidden>€</span>}
          error={isWrong ? t('dues.form.euros') : (problemAt(save.error, 'amountCents') ?? false)}
          onChange={(event) => setAmount(event.currentTarget.value)}
        />
      </div>
      <div className={classes.pair}>
        <TextInput
          type="date"
          label={t('dues.pay.on')}
          value={receivedOn}
          max={todayInParis()}
          error={problemAt(save.error, 'receivedOn') ?? false}
          onChange={(event) => setReceivedOn(event.currentTarget.value)}
        />
        <TextInput
          label={t(way === 'cheque' ? 'dues.pay.cheque' : 'dues.pay.reference')}
          maxLength={80}
          required={way === 'cheque'}
          value={reference}
          error={problemAt(save.error, 'reference') ?? false}
          onChange={(event) => {
            setReference(event.currentTarget.value)
            // What was said of another number.
            setSameCheque(false)
          }}
        />
      </div>
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
      {way === 'cheque' && (refused === 'same_cheque' || sameCheque) && (
        <Checkbox
          label={t('dues.pay.sameCheque')}
          checked={sameCheque}
          onChange={(event) => setSameCheque(event.currentTarget.checked)}
        />
      )}
      {save.isError && !isAboutFields(save.error, FIELDS) && <Failure error={save.error} />}
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
