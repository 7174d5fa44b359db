import IconChevronDown from '@tabler/icons-react/icons/IconChevronDown'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import type { PublicSchemeView } from '../../../src/enrolment/contract.ts'
import { SuggestField } from '../../ui/fields/SuggestField.tsx'
import { useText } from '../../ui/format/text.ts'
import { nameIn } from '../../ui/format/trade.ts'
import classes from '../Join.module.css'
import { publicTradesQuery } from '../queries.ts'

type Trade = PublicSchemeView['trades'][number]

/** The field for the trade of a request to join: picked in the list, or found by the word that people use for it. */
export function TradeField(props: {
  scheme: PublicSchemeView
  value: string
  onPick: (trade: string) => void
  error: ReactNode
}) {
  const { t, lang } = useText()
  const { scheme } = props
  // Null until something is typed after a trade was picked.
  const [typed, setTyped] = useState<string | null>(null)
  const picked = scheme.trades.find(({ code }) => code === props.value)
  const q = (typed ?? '').trim()
  const found = useQuery(publicTradesQuery(scheme.id, q))
  const isCurrent = found.isSuccess && !found.isPlaceholderData
  const words = new Map(found.data?.trades.map(({ code, word }) => [code, word]))
  const proposed = (found.data?.trades ?? []).flatMap(
    ({ code }) => scheme.trades.find((one) => one.code === code) ?? [],
  )
  const isKnown = found.data?.known === true
  // An unknown word leaves the whole list to choose from, and is never an answer.
  const matched = isKnown ? proposed : []
  const shown = q === '' ? scheme.trades : proposed
  const pick = ({ code }: Trade) => {
    setTyped(null)
    props.onPick(code)
  }
  return (
    <SuggestField
      size="md"
      label={t('join.trade')}
      description={
        <span aria-live="polite">
          {q !== '' && isCurrent && !isKnown ? t('join.trade.unknown', { q }) : t('join.trade.how')}
        </span>
      }
      required
      opensOnPress
      value={typed ?? (picked === undefined ? '' : nameIn(lang, picked))}
      entries={shown}
      keyOf={({ code }) => code}
      render={(trade) => (
        <span className={classes.trade}>
          {nameIn(lang, trade)}
          {q !== '' && words.get(trade.code) != null && <small>{words.get(trade.code)}</small>}
        </span>
      )}
      marksFirst={q !== '' && isKnown}
      error={props.error}
      rightSection={<IconChevronDown size={18} aria-hidden />}
      rightSectionPointerEvents="none"
      onType={setTyped}
      onPick={pick}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || q === '') return
        event.preventDefault()
        if (isCurrent && matched[0] !== undefined) pick(matched[0])
      }}
      onFocus={(event) => event.currentTarget.select()}
      // A word that means one trade is an answer.
      onBlur={() => {
        if (q !== '' && isCurrent && matched[0] !== undefined && matched.length === 1) pick(matched[0])
        setTyped(null)
      }}
    />
  )
}
