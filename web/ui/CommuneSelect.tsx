import { Select, type SelectProps } from '@mantine/core'
import { useText } from './text.ts'

export interface Commune {
  readonly code: string
  readonly name: string
}

/** A field for one commune, found while typing. The caller searches for what is typed. */
export function CommuneSelect({
  value,
  typed,
  places,
  onType,
  onPick,
  ...rest
}: {
  value: Commune | null
  typed: string
  /** The communes found. */
  places: readonly Commune[]
  onType: (typed: string) => void
  onPick: (commune: Commune | null) => void
} & Pick<SelectProps, 'label' | 'size' | 'description' | 'error'>) {
  const { t } = useText()
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
      onSearchChange={onType}
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
