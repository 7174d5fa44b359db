import { Button, Checkbox, NativeSelect, TextInput, UnstyledButton } from '@mantine/core'
import IconX from '@tabler/icons-react/icons/IconX'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { BulkPayments as Bulk, Payer, PaymentBatch } from '../../../src/dues/bulk/contract.ts'
import { ApiError, callApi } from '../../api/client.ts'
import { today } from '../../api/clock.ts'
import { newId } from '../../api/ids.ts'
import { useAction } from '../../api/useAction.ts'
import { DateField } from '../../ui/fields/DateField.tsx'
import { momentOf, moneyOf, untilOf } from '../../ui/format/format.ts'
import { parseEuros, writeEuros } from '../../ui/format/money.ts'
import { useMinute } from '../../ui/format/now.ts'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import { StateTag } from '../../ui/StateTag.tsx'
import classes from './Dues.module.css'
import { batchesQuery, depositsQuery, findPayers } from './queries.ts'

const WAYS = ['cheque', 'transfer', 'cash'] as const satisfies readonly Bulk['way'][]
type Confirmation = Bulk['payments'][number]['confirms'][number]

interface Row {
  readonly key: string
  readonly payer: Payer
  readonly amount: string
  readonly reference: string
  readonly bank: string
  readonly drawer: string
  readonly confirms: readonly Confirmation[]
}

/** The confirmation that accepts each problem of a row. */
const CONFIRMS: Readonly<Record<string, Confirmation>> = {
  'dues.more_than_due': 'advance',
  'dues.debit_under_way': 'debit',
  'dues.same_cheque': 'same_cheque',
  'dues.cheque_twice': 'same_cheque',
}

/** Records many payments of one day in one act: a row a payment, found by its reference or name. */
export function BulkPayments(props: { schemeId: string }) {
  const { t, lang } = useText()
  const { schemeId } = props
  const [rows, setRows] = useState<readonly Row[]>([])
  const [way, setWay] = useState<Bulk['way']>('cheque')
  const [receivedOn, setReceivedOn] = useState(today())
  const [id, setId] = useState(newId)
  const finder = useRef<HTMLInputElement>(null)
  const addRows = (payers: readonly Payer[]) =>
    setRows((before) => [...before, ...payers.map((payer) => rowOf(payer, lang))])
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
      setRows([])
      setId(newId())
    },
  })
  const problems = save.error instanceof ApiError ? save.error.problems : []
  const change = (key: string, part: Partial<Row>) =>
    setRows((before) => before.map((row) => (row.key === key ? { ...row, ...part } : row)))
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
      <h2 id="saisie">{t('typed.title')}</h2>
      <p className={classes.about}>{t('typed.lead')}</p>
      <div className={classes.inline}>
        <NativeSelect
          label={t('dues.pay.way')}
          value={way}
          onChange={(event) => setWay(WAYS.find((one) => one === event.currentTarget.value) ?? 'cheque')}
          data={WAYS.map((one) => ({ value: one, label: t(`dues.way.${one}`) }))}
        />
        <DateField
          kind="day"
          label={t('dues.pay.on')}
          max={today()}
          value={receivedOn}
          error={save.problemAt('receivedOn')}
          onChange={setReceivedOn}
        />
      </div>
      <Finder schemeId={schemeId} input={finder} onFound={(payer) => addRows([payer])} />
      {rows.length === 0 && <p className={classes.about}>{t('typed.empty')}</p>}
      {rows.length > 0 && (
        <form noValidate onSubmit={submit} className={classes.form}>
          <ul className={classes.list}>
            {rows.map((row, i) => (
              <li key={row.key}>
                <RowFields
                  row={row}
                  isCheque={way === 'cheque'}
                  problems={problems.filter(({ path }) => path?.startsWith(`payments.${i}.`) === true)}
                  onChange={(part) => change(row.key, part)}
                  onDone={() => finder.current?.focus()}
                  onRemove={() => {
                    save.reset()
                    setRows((before) => before.filter(({ key }) => key !== row.key))
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

function rowOf(payer: Payer, lang: 'fr' | 'en'): Row {
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

/** Finds a member by what is typed or scanned: Enter takes the only one. */
function Finder(props: {
  schemeId: string
  input: React.RefObject<HTMLInputElement | null>
  onFound: (payer: Payer) => void
}) {
  const { t, lang } = useText()
  const [typed, setTyped] = useState('')
  const find = useAction((q: string) => findPayers(props.schemeId, { q }), {
    onSuccess: (payers) => {
      if (payers.length === 1) take(payers[0]!)
    },
  })
  const found = find.data ?? []
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

function RowFields(props: {
  row: Row
  isCheque: boolean
  problems: readonly { readonly code: string; readonly path?: string | undefined; readonly message: string }[]
  onChange: (part: Partial<Row>) => void
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
  const asked = new Set(problems.flatMap(({ code }) => CONFIRMS[code] ?? []))
  const first = useRef<HTMLInputElement>(null)
  useEffect(() => first.current?.focus(), [])
  const text = (field: 'reference' | 'bank' | 'drawer', label: string, most: number) => (
    <TextInput
      ref={field === 'reference' ? first : null}
      label={label}
      value={row[field]}
      maxLength={most}
      error={errorOf(field)}
      onChange={(event) => props.onChange({ [field]: event.currentTarget.value })}
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
        value={row.amount}
        error={
          errorOf('amountCents') ??
          (row.amount !== '' && parseEuros(row.amount) === undefined ? t('dues.form.euros') : undefined)
        }
        onChange={(event) => props.onChange({ amount: event.currentTarget.value })}
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
          (asked.has(one) || row.confirms.includes(one)) && (
            <Checkbox
              key={one}
              className={classes.confirm ?? ''}
              label={t(`typed.confirm.${one}`)}
              checked={row.confirms.includes(one)}
              onChange={(event) =>
                props.onChange({
                  confirms: event.currentTarget.checked
                    ? [...row.confirms, one]
                    : row.confirms.filter((confirmed) => confirmed !== one),
                })
              }
            />
          ),
      )}
    </fieldset>
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
  if (batches.isError) return <Failure error={batches.error} retry={() => void batches.refetch()} />
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
