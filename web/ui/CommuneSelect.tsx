import { Select, type SelectProps } from '@mantine/core'
import { type KeyboardEvent, useEffect, useState } from 'react'
import { useText } from './text.ts'

export interface Commune {
  readonly code: string
  readonly name: string
}

/**
 * A field for one commune, found while typing. The caller searches for what is typed. Enter takes the first one found, Tab the
 * only one, also when the answer comes after the key.
 */
export function CommuneSelect({
  value,
  typed,
  places,
  isCurrent,
  onType,
  onPick,
  ...rest
}: {
  value: Commune | null
  typed: string
  /** The communes found. */
  places: readonly Commune[]
  /** False while they are those of what was typed before. */
  isCurrent: boolean
  onType: (typed: string) => void
  onPick: (commune: Commune | null) => void
} & Pick<SelectProps, 'label' | 'size' | 'description' | 'error'>) {
  const { t } = useText()
  const [key, setKey] = useState<'Enter' | 'Tab' | null>(null)
  useEffect(() => {
    if (key === null || !isCurrent) return
    setKey(null)
    const [first, second] = places
    if (first !== undefined && (key === 'Enter' || second === undefined)) {
      onPick({ code: first.code, name: first.name })
      onType(first.name)
    } else if (key === 'Tab') onType(value?.name ?? '')
  }, [key, isCurrent, places, onPick, onType, value])
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const isTyped = typed.trim() !== '' && typed !== value?.name
    const isHighlighted = event.currentTarget.getAttribute('aria-activedescendant') !== null
    if (!isTyped || isHighlighted || (event.key !== 'Enter' && event.key !== 'Tab')) return setKey(null)
    if (event.key === 'Enter') event.preventDefault()
    setKey(event.key)
  }
  const data = places.map(({ code, name }) => ({ value: code, label: name }))
  if (value !== null && !data.some((one) => one.value === value.code))
    data.unshift({ value: value.code, label: value.name })
  return (
    <Select
      {...rest}
      required
      searchable
      // Chosen again, it stays chosen.
      allowDeselect={false}
      autoComplete="off"
      nothingFoundMessage={
        typed.trim() === '' ? t('members.commune.type') : t('room.where.none', { q: typed.trim() })
      }
      // The server has already matched, ignoring accents and case.
      filter={({ options }) => options}
      searchValue={typed}
      // Left by Tab, it would be emptied before the answer comes.
      onSearchChange={(search) => key === null && onType(search)}
      onKeyDown={onKeyDown}
      value={value?.code ?? null}
      onChange={(picked) => {
        const place = places.find(({ code }) => code === picked)
        if (place !== undefined) onPick({ code: place.code, name: place.name })
        else onPick(picked === null ? null : value)
      }}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      data={data}
    />
  )
}
