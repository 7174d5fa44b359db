import type { TextInputProps } from '@mantine/core'
import { type KeyboardEvent, useEffect, useState } from 'react'
import { isSameName } from '../../format/sameName.ts'
import { useText } from '../../format/text.ts'
import { SuggestField } from '../SuggestField.tsx'

export interface Commune {
  readonly code: string
  readonly name: string
}

/**
 * A field for one commune, found while typing. The caller searches for what is typed. Enter takes the one of that name or
 * the first one found, Tab and any other way out the one of that name or the only one, also when the answer comes later.
 */
export function CommuneSelect({
  value,
  typed,
  places,
  isCurrent,
  onType,
  onPick,
  ...field
}: {
  value: Commune | null
  typed: string
  /** The communes found. */
  places: readonly Commune[]
  /** False while they are those of what was typed before. */
  isCurrent: boolean
  onType: (typed: string) => void
  onPick: (commune: Commune | null) => void
  label: string
} & Pick<TextInputProps, 'size' | 'description' | 'error'>) {
  const { t } = useText()
  const [key, setKey] = useState<'Enter' | 'Tab' | null>(null)
  const name = value?.name ?? ''
  // Also when the register filled it in.
  useEffect(() => onType(name), [name, onType])
  useEffect(() => {
    if (key === null || !isCurrent) return
    setKey(null)
    const [first] = places
    const named = places.filter((one) => isSameName(one.name, typed))
    const [only] = named.length === 1 ? named : places.length === 1 ? places : []
    const chosen = key === 'Enter' ? (only ?? first) : only
    if (chosen !== undefined) {
      onPick({ code: chosen.code, name: chosen.name })
      onType(chosen.name)
    } else if (key === 'Tab') onType(name)
  }, [key, isCurrent, places, onPick, onType, name, typed])
  const q = typed.trim()
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const isTyped = q !== '' && typed !== name
    const isHighlighted = event.currentTarget.getAttribute('aria-activedescendant') !== null
    if (!isTyped || isHighlighted || (event.key !== 'Enter' && event.key !== 'Tab')) return setKey(null)
    if (event.key === 'Enter') event.preventDefault()
    setKey(event.key)
  }
  return (
    <SuggestField
      {...field}
      required
      value={typed}
      marksFirst
      // The name of the chosen commune proposes no others.
      entries={q === '' || typed === name ? [] : places}
      keyOf={({ code }) => code}
      render={(place) => place.name}
      none={q === '' ? t('members.commune.type') : isCurrent ? t('room.where.none', { q }) : null}
      onType={onType}
      onPick={({ code, name }) => {
        onPick({ code, name })
        onType(name)
      }}
      onKeyDown={onKeyDown}
      onFocus={(event) => event.currentTarget.select()}
      // On a phone there is no Tab.
      onBlur={() => {
        if (key === null && q !== '' && typed !== name) setKey('Tab')
        else if (key === null) onType(name)
      }}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
    />
  )
}
