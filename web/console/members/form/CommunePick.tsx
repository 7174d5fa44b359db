import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { placesQuery } from '../../../api/queries.ts'
import { useText } from '../../../ui/text.ts'

interface Commune {
  readonly code: string
  readonly name: string
}

/** A field for one commune of the territory, found while typing. */
export function CommunePick(props: {
  schemeId: string
  value: Commune | null
  onPick: (commune: Commune | null) => void
  error: ReactNode
  description: string | undefined
}) {
  const { t } = useText()
  const { value } = props
  const [typed, setTyped] = useState('')
  const places = useQuery(placesQuery(props.schemeId, typed.trim())).data ?? []
  const data = places.map((place) => ({ value: place.code, label: place.name }))
  if (value !== null && !data.some((one) => one.value === value.code))
    data.unshift({ value: value.code, label: value.name })
  return (
    <Select
      label={t('members.commune')}
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
      onChange={(code) => {
        const place = places.find((one) => one.code === code)
        props.onPick(
          place === undefined ? (code === null ? null : value) : { code: place.code, name: place.name },
        )
      }}
      description={props.description}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      error={props.error}
      data={data}
    />
  )
}
