import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useText } from '../ui/text.ts'
import { publicPlacesQuery } from './queries.ts'

interface Commune {
  readonly code: string
  readonly name: string
}

/** A field for one commune of the territory, found while typing. */
export function CommuneField(props: {
  schemeId: string
  value: Commune | null
  onPick: (commune: Commune | null) => void
  error: string | undefined
}) {
  const { t } = useText()
  const { value } = props
  const [typed, setTyped] = useState('')
  const places = useQuery(publicPlacesQuery(props.schemeId, typed.trim())).data ?? []
  const data = places.map((place) => ({ value: place.code, label: place.name }))
  if (value !== null && !data.some((one) => one.value === value.code))
    data.unshift({ value: value.code, label: value.name })
  return (
    <Select
      size="md"
      label={t('join.commune')}
      required
      searchable
      autoComplete="off"
      nothingFoundMessage={
        typed.trim() === '' ? t('members.commune.type') : t('room.where.none', { q: typed.trim() })
      }
      // The server has already matched, ignoring accents and case.
      filter={({ options }) => options}
      searchValue={typed}
      onSearchChange={setTyped}
      value={value?.code ?? null}
      onChange={(code) =>
        props.onPick(places.find((one) => one.code === code) ?? (code === null ? null : value))
      }
      error={props.error}
      data={data}
    />
  )
}
