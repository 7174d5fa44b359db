import { Button, NativeSelect, TextInput, UnstyledButton } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { BulkPayments as Bulk, Payer, PaymentBatch } from '../../../../src/dues/bulk/contract.ts'
import { parseEuros, writeEuros } from '../../../../src/message/money.ts'
import { ApiError, callApi } from '../../../api/client.ts'
import { today } from '../../../api/clock.ts'
import { newId } from '../../../api/ids.ts'
import { useAction } from '../../../api/useAction.ts'
import { Leaving } from '../../../ui/account/Leaving.tsx'
import { DateField } from '../../../ui/fields/days/DateField.tsx'
import { momentOf, moneyOf, untilOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { isSameName } from '../../../ui/format/sameName.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { StateTag } from '../../../ui/StateTag.tsx'
import classes from '../Dues.module.css'
import { batchesQuery, depositsQuery, findPayers } from '../queries.ts'
import { BulkPaymentRow, type PaymentRow } from './BulkPaymentRow.tsx'

const WAYS = ['cheque', 'transfer', 'cash'] as const satisfies readonly Bulk['way'][]

interface Values {
  readonly way: Bulk['way']
  readonly receivedOn: string
  readonly rows: readonly PaymentRow[]
}

/** Records many payments of one day in one act: a row a payment, found by its reference or name. */
export function BulkPayments(props: { schemeId: string }) {
  const { t, lang } = useText()
  const { schemeId } = props
  const form = useForm<Values>({ initialValues: { way: 'cheque', receivedOn: today(), rows: [] } })
  const { way, receivedOn, rows } = form.values
  const [id, setId] = useState(newId)
  const finder = useRef<HTMLInputElement>(null)
  const addRows = (payers: readonly Payer[]) =>
    form.setFieldValue('rows', (before) => [...before, ...payers.map((payer) => rowOf(payer, lang))])
  usePicked(schemeId, addRows)
  const { nouveau } = useSearch({ from: '/shell/cotisations/paiements' })
  useEffect(() => {
    if (nouveau === 'oui') finder.current?.focus()
  }, [nouveau])
  const save = useAction((body: Bulk) => callApi('recordPayments', { params: { scheme: schemeId }, body }), {
    refresh: [
      batchesQuery(schemeId).queryKey,
      depositsQuery(schemeId).queryKey,
      ['dues', schemeId],
      ['member-dues', schemeId],
    ],
    success: ({ count }) => t('typed.saved', { count }),
    fields: [
      'receivedOn',
      ...rows.flatMap((_, i) => ['member', 'amountCents', 'reference'].map((one) => `payments.${i}.${one}`)),
    ],
    onSuccess: () => {
      form.setFieldValue('rows', [])
      setId(newId())
    },
  })
  const problems = save.error instanceof ApiError ? save.error.problems : []
  const cents = rows.map(({ amount }) => parseEuros(amount))
  const sum = cents.reduce<number>((all, one) => all + (one ?? 0), 0)
  const isTyped = cents.every((one) => one !== undefined && one > 0)
  function submit(event: FormEvent): void {
    event.preventDefault()
    if (!isTyped || rows.length === 0 || save.isPending) return
    save.mutate({
      ...{ id, way, receivedOn },
      payments: rows.map(({ payer, reference, bank, drawer, confirms }, i) => ({
        ...{ member: payer.id, amountCents: cents[i]!, reference, confirms: [...confirms] },
        ...(way === 'cheque' ? { bank, drawer } : { bank: '', drawer: '' }),
      })),
    })
  }
  return (
    <section className={classes.panel} aria-labelledby="saisie">
      <Leaving isDirty={rows.length > 0} keepsSearch />
      <h2 id="saisie">{t('typed.title')}</h2>
      <p className={classes.about}>{t('typed.lead')}</p>
      <div className={classes.inline}>
        <NativeSelect
          label={t('dues.pay.way')}
          {...form.getInputProps('way')}
          data={WAYS.map((one) => ({ value: one, label: t(`dues.way.${one}`) }))}
        />
        <DateField
          kind="day"
          label={t('dues.pay.on')}
          max={today()}
          {...form.getInputProps('receivedOn')}
          error={save.problemAt('receivedOn')}
        />
      </div>
      <Finder schemeId={schemeId} input={finder} onFound={(payer) => addRows([payer])} />
      {rows.length === 0 && <p className={classes.about}>{t('typed.empty')}</p>}
      {rows.length > 0 && (
        <form noValidate onSubmit={submit} className={classes.form}>
          <ul className={classes.list}>
            {rows.map((row, i) => (
              <li key={row.key}>
                <BulkPaymentRow
                  row={row}
                  inputProps={(field) => form.getInputProps(`rows.${i}.${field}`)}
                  isCheque={way === 'cheque'}
                  problems={problems.filter(({ path }) => path?.startsWith(`payments.${i}.`) === true)}
                  onConfirm={(confirms) => form.setFieldValue(`rows.${i}.confirms`, confirms)}
                  onDone={() => finder.current?.focus()}
                  onRemove={() => {
                    save.reset()
                    form.removeListItem('rows', i)
                  }}
                />
              </li>
            ))}
          </ul>
          <Failure error={save.failure} />
          <Button
            type="submit"
            mih={44}
            classNames={{ root: `${classes.left} ${classes.payer}`, label: classes.payerLabel }}
            loading={save.isPending}
            disabled={!isTyped}
          >
            {t('typed.save', { count: rows.length, amount: moneyOf(lang, sum) })}
          </Button>
        </form>
      )}
      <Batches schemeId={schemeId} />
    </section>
  )
}

function rowOf(payer: Payer, lang: 'fr' | 'en'): PaymentRow {
  const amount = payer.owedCents > 0 ? writeEuros(lang, payer.owedCents) : ''
  return { key: newId(), payer, amount, reference: '', bank: '', drawer: '', confirms: [] }
}

/** Adds the members that were ticked in the campaign, once. */
function usePicked(schemeId: string, add: (payers: readonly Payer[]) => void): void {
  const { adherents } = useSearch({ from: '/shell/cotisations/paiements' })
  const navigate = useNavigate()
  const taken = useRef<string | null>(null)
  useEffect(() => {
    if (adherents === undefined || taken.current === adherents) return
    taken.current = adherents
    void findPayers(schemeId, { ids: adherents }).then((payers) => {
      add(payers)
      return navigate({ to: '/cotisations/paiements', search: {}, replace: true })
    })
  }, [schemeId, adherents, add, navigate])
}

/** Finds a member by what is typed or scanned: Enter takes the only one, or the only one of that very name. */
function Finder(props: {
  schemeId: string
  input: React.RefObject<HTMLInputElement | null>
  onFound: (payer: Payer) => void
}) {
  const { t, lang } = useText()
  const [typed, setTyped] = useState('')
  const find = useAction((q: string) => findPayers(props.schemeId, { q }), {
    onSuccess: (payers, q) => {
      const [payer, ...others] =
        payers.length === 1 ? payers : payers.filter(({ name }) => isSameName(name, q))
      if (payer !== undefined && others.length === 0) take(payer)
    },
  })
  // Those of that very name come first, and of these who owes.
  const rankOf = ({ name, owedCents }: Payer) =>
    2 * Number(isSameName(name, find.variables ?? '')) + Number(owedCents > 0)
  const found = (find.data ?? []).toSorted((a, b) => rankOf(b) - rankOf(a))
  function take(payer: Payer): void {
    props.onFound(payer)
    setTyped('')
    find.reset()
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (typed.trim() !== '') find.mutate(typed.trim())
      }}
    >
      <TextInput
        ref={props.input}
        label={t('typed.find')}
        value={typed}
        maxLength={100}
        autoComplete="off"
        onChange={(event) => {
          setTyped(event.currentTarget.value)
          if (find.data !== undefined) find.reset()
        }}
      />
      <p className={classes.about} role="status">
        {find.isSuccess && found.length === 0 && t('typed.find.none', { q: typed.trim() })}
        {found.length > 1 && t('typed.find.several')}
      </p>
      {found.length > 1 && (
        <span className={classes.other}>
          {found.map((payer) => (
            <UnstyledButton key={payer.id} className={classes.paper} onClick={() => take(payer)}>
              {payer.name} · {payer.commune} ·{' '}
              {t('typed.owed', { owed: moneyOf(lang, Math.max(0, payer.owedCents)) })}
            </UnstyledButton>
          ))}
        </span>
      )}
      <Failure error={find.failure} />
    </form>
  )
}

/** Lists the latest entries, each undone as one for a day. */
function Batches(props: { schemeId: string }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { schemeId } = props
  const batches = useQuery(batchesQuery(schemeId))
  const undo = useAction(
    (batch: PaymentBatch) => callApi('undoPayments', { params: { scheme: schemeId, batch: batch.id } }),
    {
      refresh: [
        batchesQuery(schemeId).queryKey,
        depositsQuery(schemeId).queryKey,
        ['dues', schemeId],
        ['member-dues', schemeId],
      ],
      success: () => t('typed.undo.done'),
    },
  )
  if (batches.isLoadingError) return <Failure error={batches.error} retry={() => void batches.refetch()} />
  if ((batches.data ?? []).length === 0) return null
  return (
    <>
      <h3 className={classes.sub}>{t('typed.last')}</h3>
      <Failure error={undo.failure} />
      <ul className={classes.list}>
        {batches.data?.map((batch) => (
          <li key={batch.id}>
            <span className={classes.line}>
              <span>
                {t('typed.batch', {
                  day: momentOf(lang, batch.recordedAt, now),
                  count: batch.count,
                  way: t(`dues.way.${batch.way}`),
                  amount: moneyOf(lang, batch.amountCents),
                })}
              </span>
              {batch.list !== null && <span>{t('typed.list', { list: batch.list })}</span>}
              {batch.undone && <StateTag tone="neutral">{t('typed.undone')}</StateTag>}
              {batch.undoableUntil !== null && (
                <Button
                  data-row={batch.id}
                  variant="default"
                  mih={44}
                  classNames={{ root: `${classes.end} ${classes.payer}`, label: classes.payerLabel }}
                  disabled={undo.isPending}
                  onClick={() => undo.mutate(batch)}
                >
                  {t('typed.undo', { until: untilOf(lang, batch.undoableUntil, now) })}
                </Button>
              )}
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}
