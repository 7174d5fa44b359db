import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import type { PublicSchemeView } from '../../src/enrolment/contract.ts'
import { useText } from '../ui/text.ts'
import classes from './Join.module.css'
import { publicTradesQuery } from './queries.ts'

/** The field for the trade of a request to join: picked in the list, or found by the word that people use for it. */
export function TradeField(props: {
  scheme: PublicSchemeView
  value: string
  onPick: (trade: string) => void
  error: ReactNode
}) {
  const { t, lang } = useText()
  const { scheme } = props
  const [typed, setTyped] = useState('')
  const all = scheme.trades.map((one) => ({
    value: one.code,
    label: lang === 'fr' ? one.nameFr : one.nameEn,
  }))
  const q = typed.trim()
  const isPicked = all.some(({ value, label }) => value === props.value && label === q)
  const found = useQuery(publicTradesQuery(scheme.id, isPicked ? '' : q)).data ?? []
  const words = new Map(found.map(({ code, word }) => [code, word]))
  const shown =
    q === '' || isPicked ? all : found.flatMap(({ code }) => all.find(({ value }) => value === code) ?? [])
  const picked = all.find(({ value }) => value === props.value)
  return (
    <Select
      size="md"
      label={t('join.trade')}
      description={t('join.trade.how')}
      required
      searchable
      allowDeselect={false}
      autoComplete="off"
      error={props.error}
      // The server has already matched the words.
      filter={({ options }) => options}
      nothingFoundMessage={t('join.trade.none', { q })}
      searchValue={typed}
      onSearchChange={setTyped}
      value={props.value === '' ? null : props.value}
      onChange={(value) => props.onPick(value ?? '')}
      data={picked === undefined || shown.includes(picked) ? shown : [...shown, picked]}
      renderOption={({ option }) => (
        <span className={classes.trade}>
          {option.label}
          {words.get(option.value) != null && <small>{words.get(option.value)}</small>}
        </span>
      )}
    />
  )
}
