import { Select } from '@mantine/core'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import { countOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { nameIn } from '../../../ui/format/trade.ts'

/** Filters by one trade of the scheme, with its number of members if known. */
export function TradeFilter(props: {
  trades: SchemeView['trades']
  counts?: readonly { trade: string; members: number }[] | undefined
  value: string | null
  className?: string | undefined
  onPick: (code: string | undefined) => void
}) {
  const { t, lang } = useText()
  return (
    <Select
      aria-label={t('members.trade')}
      placeholder={t('members.trade')}
      searchable
      clearable
      className={props.className ?? ''}
      clearButtonProps={{ 'aria-label': t('filter.clear') }}
      value={props.value}
      onChange={(value) => props.onPick(value ?? undefined)}
      data={props.trades.map((trade) => {
        const count = props.counts?.find((one) => one.trade === trade.code)?.members
        const name = nameIn(lang, trade)
        return {
          value: trade.code,
          label: count === undefined ? name : `${name} (${countOf(lang, count)})`,
        }
      })}
    />
  )
}
