import { Button, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { type FormEvent, useState } from 'react'
import type { DecideLine, StatementLineView } from '../../../../src/dues/statements/contract.ts'
import { MAX_SHARES } from '../../../../src/dues/statements/entry.ts'
import { parseEuros, writeEuros } from '../../../../src/message/money.ts'
import { moneyOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import classes from '../Dues.module.css'
import { OtherPayer, type Payer } from './OtherPayer.tsx'

interface SplitProps {
  schemeId: string
  line: StatementLineView
  busy: boolean
  decide: (decision: DecideLine) => void
}

/** Opens the form that parts one transfer among several members. */
export function SplitLine(props: SplitProps) {
  const { t } = useText()
  const [isOpen, setOpen] = useState(false)
  if (isOpen) return <SplitForm {...props} onBack={() => setOpen(false)} />
  return (
    <Button variant="subtle" size="compact-sm" mih={44} disabled={props.busy} onClick={() => setOpen(true)}>
      {t('statements.split')}
    </Button>
  )
}

/** Parts a transfer: a member and an amount each, which are the whole together. */
function SplitForm(props: SplitProps & { onBack: () => void }) {
  const { t, lang } = useText()
  const { line, busy } = props
  const form = useForm({ initialValues: { shares: proposedShares(line, lang) } })
  const { shares } = form.values
  const cents = shares.map(({ amount }) => parseEuros(amount) ?? 0)
  const leftCents = line.amountCents - cents.reduce((sum, one) => sum + one, 0)
  const isWhole = leftCents === 0 && shares.length > 1 && cents.every((one) => one > 0)
  const add = ({ id, name }: Payer) => {
    if (shares.some((one) => one.id === id)) return
    form.insertListItem('shares', { id, name, amount: leftCents > 0 ? writeEuros(lang, leftCents) : '' })
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isWhole || busy) return
    props.decide({
      is: 'split',
      shares: shares.map(({ id }, i) => ({ member: id, amountCents: cents[i]! })),
      // The line says that a debit is under way.
      ...(line.reason === 'debit' && { besideDebit: true }),
    })
  }
  return (
    <form className={classes.form} noValidate onSubmit={submit} aria-label={t('statements.split.form')}>
      <p className={classes.about}>
        {t('statements.split.what', { amount: moneyOf(lang, line.amountCents) })}
      </p>
      {shares.map(({ id, name }, i) => (
        <div key={id} className={classes.share}>
          <TextInput
            label={t('statements.split.amount', { name })}
            inputMode="decimal"
            autoFocus={i === 0}
            rightSection={<span aria-hidden>€</span>}
            {...form.getInputProps(`shares.${i}.amount`)}
          />
          <Button
            variant="subtle"
            mih={44}
            aria-label={t('statements.split.remove', { name })}
            onClick={() => form.removeListItem('shares', i)}
          >
            {t('statements.split.remove.do')}
          </Button>
        </div>
      ))}
      {shares.length < MAX_SHARES && (
        <OtherPayer schemeId={props.schemeId} label={t('statements.split.add')} busy={busy} onPick={add} />
      )}
      <p role="status">
        {t('statements.split.left', {
          left: moneyOf(lang, Math.abs(leftCents)),
          is: leftCents > 0 ? 'left' : leftCents < 0 ? 'over' : isWhole ? 'none' : 'missing',
        })}
      </p>
      <span className={classes.choices}>
        <Button type="submit" disabled={!isWhole} loading={busy}>
          {t('statements.split.do', { count: shares.length })}
        </Button>
        <Button variant="default" disabled={busy} onClick={props.onBack}>
          {t('action.cancel')}
        </Button>
      </span>
    </form>
  )
}

/** Starts with the members proposed for the line whose dues the amount reaches, each with what it owes. */
function proposedShares(line: StatementLineView, lang: 'fr' | 'en') {
  let leftCents = line.amountCents
  return line.proposals.flatMap(({ member: { id, name }, owedCents }) => {
    const cents = Math.max(0, Math.min(owedCents, leftCents))
    leftCents -= cents
    return cents === 0 ? [] : [{ id, name, amount: writeEuros(lang, cents) }]
  })
}
