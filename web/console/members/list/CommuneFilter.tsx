import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { placesQuery } from '../../../api/queries.ts'
import { useText } from '../../../ui/format/text.ts'

/** Filters by one commune of the scheme, found while typing. `known` is the name of the selected one. */
export function CommuneFilter(props: {
  schemeId: string
  value: string | null
  known: string | null
  onPick: (code: string | null) => void
}) {
  const { t } = useText()
  const [typed, setTyped] = useState('')
  const [picked, setPicked] = useState<{ code: string; name: string } | null>(null)
  const places = useQuery(placesQuery(props.schemeId, typed.trim())).data ?? []
  const data = places.map((place) => ({ value: place.code, label: place.name }))
  if (props.value !== null && !data.some((one) => one.value === props.value)) {
    const name = picked?.code === props.value ? picked.name : (props.known ?? props.value)
    data.unshift({ value: props.value, label: name })
  }
  return (
    <Select
      aria-label={t('members.commune')}
      placeholder={t('members.commune')}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': t('filter.clear') }}
      nothingFoundMessage={
        typed.trim() === '' ? t('members.commune.type') : t('room.where.none', { q: typed.trim() })
      }
      // The server has already matched, ignoring accents and case.
      filter={({ options }) => options}
      searchValue={typed}
      onSearchChange={setTyped}
      value={props.value}
      onChange={(code) => {
        const place = places.find((one) => one.code === code)
        if (place !== undefined) setPicked({ code: place.code, name: place.name })
        props.onPick(code)
      }}
      data={data}
    />
  )
}
