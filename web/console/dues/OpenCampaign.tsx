import { Button, Checkbox, Modal, NativeSelect, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { CampaignView, NewCampaign } from '../../../src/dues/contract.ts'
import type { SchemeView } from '../../../src/schemes/contract.ts'
import { callApi } from '../../api/client.ts'
import { useAction } from '../../api/useAction.ts'
import { moneyOf } from '../../ui/format.ts'
import { parseEuros, writeEuros } from '../../ui/money.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useText } from '../../ui/text.ts'
import classes from './Dues.module.css'

interface TradeFee {
  readonly key: number
  readonly trade: string
  readonly fee: string
}

const FIELDS = ['year', 'dueOn', 'feeCents']

/** Sets the fee of a year, by trade if it differs, and previews the calls for payment before it is opened. */
export function OpenCampaign(props: {
  schemeId: string
  trades: SchemeView['trades']
  years: readonly number[]
  /** The current campaign, whose fees the next one starts with. */
  last: CampaignView | null
  onClose: () => void
  onOpened: (year: number) => void
}) {
  const { t, lang } = useText()
  const { schemeId, trades, years, last } = props
  const thisYear = new Date().getFullYear()
  const free = [thisYear, thisYear + 1, thisYear - 1].filter((year) => !years.includes(year))
  const [year, setYear] = useState(free[0] ?? thisYear)
  const [fee, setFee] = useState(writeEuros(lang, last?.feeCents ?? 1000))
  const [others, setOthers] = useState<readonly TradeFee[]>(
    Object.entries(last?.tradeFees ?? {}).map(([trade, cents], key) => ({
      key,
      trade,
      fee: writeEuros(lang, cents),
    })),
  )
  const [proRata, setProRata] = useState(last?.proRata ?? false)
  const [dueOn, setDueOn] = useState(`${free[0] ?? thisYear}-03-31`)
  const [wrong, setWrong] = useState<ReadonlySet<string>>(new Set())

  const preview = useAction(
    (body: NewCampaign) => callApi('previewCampaign', { params: { scheme: schemeId }, body }),
    { fields: FIELDS },
  )
  const open = useAction(
    (body: NewCampaign) => callApi('openCampaign', { params: { scheme: schemeId }, body }),
    {
      fields: FIELDS,
      success: (opened) => t('dues.opened', { year: String(opened.year) }),
      refresh: [['dues', schemeId]],
      onRefreshed: (opened) => props.onOpened(opened.year),
    },
  )
  /** Returns the form as the server accepts it; undefined if an amount is not a number. */
  function read(): NewCampaign | undefined {
    const missing = new Set<string>()
    const feeCents = parseEuros(fee)
    if (feeCents === undefined) missing.add('fee')
    const tradeFees: Record<string, number> = {}
    for (const one of others) {
      const cents = parseEuros(one.fee)
      if (cents === undefined) missing.add(`fee-${one.key}`)
      else tradeFees[one.trade] = cents
    }
    setWrong(missing)
    if (feeCents === undefined || missing.size > 0) return undefined
    return { year, feeCents, tradeFees, proRata, dueOn }
  }
  /** Whether the preview no longer matches the form. */
  const change = <T,>(set: (value: T) => void) => {
    return (value: T) => {
      set(value)
      preview.reset()
      open.reset()
    }
  }
  function submit(event: FormEvent): void {
    event.preventDefault()
    const body = read()
    if (body === undefined) return
    if (preview.data === undefined) preview.mutate(body)
    else open.mutate(body)
  }
  const { failure, problemAt } = preview.isError ? preview : open
  const notYet = trades.filter(({ code }) => !others.some(({ trade }) => trade === code))
  const nameOf = (code: string) => {
    const trade = trades.find((one) => one.code === code)
    return trade === undefined ? code : lang === 'fr' ? trade.nameFr : trade.nameEn
  }
  return (
    <Modal
      opened
      onClose={props.onClose}
      size={520}
      title={t('dues.open')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form className={classes.form} noValidate onSubmit={submit}>
        <div className={classes.pair}>
          <NativeSelect
            label={t('dues.year')}
            value={String(year)}
            error={problemAt('year') ?? false}
            onChange={change((event: React.ChangeEvent<HTMLSelectElement>) => {
              const chosen = Number(event.currentTarget.value)
              setYear(chosen)
              setDueOn(`${chosen}${dueOn.slice(4)}`)
            })}
            data={[...new Set([...free, year])].map(String)}
          />
          <TextInput
            type="date"
            label={t('dues.form.dueOn')}
            value={dueOn}
            error={problemAt('dueOn') ?? false}
            onChange={change((event: React.ChangeEvent<HTMLInputElement>) =>
              setDueOn(event.currentTarget.value),
            )}
          />
        </div>
        <TextInput
          label={t('dues.form.fee')}
          description={t('dues.form.fee.what')}
          inputMode="decimal"
          value={fee}
          rightSection={<span aria-hidden>€</span>}
          error={wrong.has('fee') ? t('dues.form.euros') : (problemAt('feeCents') ?? false)}
          onChange={change((event: React.ChangeEvent<HTMLInputElement>) => setFee(event.currentTarget.value))}
        />
        {others.map((one, i) => (
          <div key={one.key} className={classes.pair}>
            <NativeSelect
              label={t('dues.form.trade')}
              value={one.trade}
              error={problemAt(`tradeFees.${one.trade}`) ?? false}
              onChange={change((event: React.ChangeEvent<HTMLSelectElement>) => {
                const trade = event.currentTarget.value
                setOthers(others.map((other) => (other === one ? { ...other, trade } : other)))
              })}
              data={[
                { value: one.trade, label: nameOf(one.trade) },
                ...notYet.map(({ code }) => ({ value: code, label: nameOf(code) })),
              ]}
            />
            <TextInput
              label={t('dues.form.trade.fee', { trade: nameOf(one.trade) })}
              inputMode="decimal"
              value={one.fee}
              rightSection={<span aria-hidden>€</span>}
              error={wrong.has(`fee-${one.key}`) ? t('dues.form.euros') : false}
              onChange={change((event: React.ChangeEvent<HTMLInputElement>) => {
                const text = event.currentTarget.value
                setOthers(others.map((other, n) => (n === i ? { ...other, fee: text } : other)))
              })}
            />
            <Button
              variant="subtle"
              onClick={() => change(setOthers)(others.filter((other) => other !== one))}
            >
              {t('dues.form.trade.remove')}
            </Button>
          </div>
        ))}
        {notYet[0] !== undefined && (
          <Button
            variant="default"
            className={classes.left ?? ''}
            onClick={() => {
              const key = Math.max(-1, ...others.map((one) => one.key)) + 1
              change(setOthers)([...others, { key, trade: notYet[0]?.code ?? '', fee: '0' }])
            }}
          >
            {t('dues.form.trade.add')}
          </Button>
        )}
        <Checkbox
          label={t('dues.form.proRata')}
          description={t('dues.form.proRata.what')}
          checked={proRata}
          onChange={change((event: React.ChangeEvent<HTMLInputElement>) =>
            setProRata(event.currentTarget.checked),
          )}
        />
        <Failure error={failure} />
        <p role="status" className={preview.data === undefined ? classes.about : classes.counted}>
          {preview.data === undefined
            ? t('dues.form.count.first')
            : t('dues.form.counted', {
                members: preview.data.members,
                called: moneyOf(lang, preview.data.calledCents),
                exempt: preview.data.exempt,
                proRata: preview.data.proRata,
              })}
        </p>
        <div className={classes.actions}>
          <Button variant="default" onClick={props.onClose}>
            {t('dues.cancel')}
          </Button>
          <Button type="submit" loading={preview.isPending || open.isPending}>
            {preview.data === undefined ? t('dues.form.count') : t('dues.form.open', { year: String(year) })}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
