import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { parseEuros, writeEuros } from '../../../../src/message/money.ts'
import type { DuesFees, SchemeView } from '../../../../src/schemes/contract.ts'
import { type Lang, useText } from '../../../ui/format/text.ts'
import { tradeNameOf } from '../../../ui/format/trade.ts'
import classes from '../Dues.module.css'

/** Fees as typed, including amounts that are not numbers. */
export interface FeesDraft {
  readonly feeCents: string
  readonly tradeFees: readonly { readonly key: number; readonly trade: string; readonly fee: string }[]
  readonly proRata: boolean
}

export function draftOfFees(lang: Lang, fees: DuesFees): FeesDraft {
  return {
    feeCents: writeEuros(lang, fees.feeCents),
    tradeFees: Object.entries(fees.tradeFees).map(([trade, cents], key) => ({
      ...{ key, trade },
      fee: writeEuros(lang, cents),
    })),
    proRata: fees.proRata,
  }
}

/** Returns the fees as the server accepts them, and the paths of amounts that are not numbers, as `errorAt` gets them. */
export function readFees(draft: FeesDraft): { readonly fees: DuesFees; readonly wrong: readonly string[] } {
  const wrong: string[] = []
  const centsOf = (path: string, euros: string) => {
    const cents = parseEuros(euros)
    if (cents === undefined) wrong.push(path)
    return cents ?? 0
  }
  const fees = {
    feeCents: centsOf('feeCents', draft.feeCents),
    tradeFees: Object.fromEntries(
      draft.tradeFees.map(({ trade, fee }) => [trade, centsOf(`tradeFees.${trade}`, fee)]),
    ),
    proRata: draft.proRata,
  }
  return { fees, wrong }
}

interface FeeFieldsProps {
  readonly value: FeesDraft
  readonly onChange: (value: FeesDraft) => void
  readonly trades: SchemeView['trades']
  /** The error of `feeCents`, or of `tradeFees.` and a trade. */
  readonly errorAt: (path: string) => ReactNode
}

/** The fee of a year, of trades that have their own, and whether who joins during the year pays for a part of it. */
export function FeeFields({ value, onChange, trades, errorAt }: FeeFieldsProps) {
  const { t, lang } = useText()
  const { tradeFees } = value
  const notYet = trades.filter(({ code }) => !tradeFees.some(({ trade }) => trade === code))
  const nameOf = (code: string) => tradeNameOf(lang, trades, code)
  const setRow = (key: number, row: { readonly trade?: string; readonly fee?: string }) =>
    onChange({ ...value, tradeFees: tradeFees.map((one) => (one.key === key ? { ...one, ...row } : one)) })
  return (
    <>
      <TextInput
        label={t('dues.form.fee')}
        description={t('dues.form.fee.what')}
        inputMode="decimal"
        rightSection={<span aria-hidden>€</span>}
        value={value.feeCents}
        error={errorAt('feeCents')}
        onChange={(event) => onChange({ ...value, feeCents: event.currentTarget.value })}
      />
      {tradeFees.map(({ key, trade, fee }) => (
        <div key={key} className={classes.pair}>
          <NativeSelect
            label={t('dues.form.trade')}
            value={trade}
            onChange={(event) => setRow(key, { trade: event.currentTarget.value })}
            data={[
              { value: trade, label: nameOf(trade) },
              ...notYet.map(({ code }) => ({ value: code, label: nameOf(code) })),
            ]}
          />
          <TextInput
            label={t('dues.form.trade.fee', { trade: nameOf(trade) })}
            inputMode="decimal"
            rightSection={<span aria-hidden>€</span>}
            value={fee}
            error={errorAt(`tradeFees.${trade}`)}
            onChange={(event) => setRow(key, { fee: event.currentTarget.value })}
          />
          <Button
            variant="subtle"
            onClick={() => onChange({ ...value, tradeFees: tradeFees.filter((one) => one.key !== key) })}
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
            const key = Math.max(-1, ...tradeFees.map((one) => one.key)) + 1
            const row = { key, trade: notYet[0]?.code ?? '', fee: '0' }
            onChange({ ...value, tradeFees: [...tradeFees, row] })
          }}
        >
          {t('dues.form.trade.add')}
        </Button>
      )}
      <Checkbox
        label={t('dues.form.proRata')}
        description={t('dues.form.proRata.what')}
        checked={value.proRata}
        onChange={(event) => onChange({ ...value, proRata: event.currentTarget.checked })}
      />
    </>
  )
}
