import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type Commune, CommuneSelect } from '../../ui/fields/communes/CommuneSelect.tsx'
import { useText } from '../../ui/format/text.ts'
import { publicPlacesQuery } from '../queries.ts'

const NONE: readonly Commune[] = []

/** The field for the commune of a request to join, in the territory of the scheme. */
export function CommuneField(props: {
  schemeId: string
  value: Commune | null
  onPick: (commune: Commune | null) => void
  error: string | undefined
}) {
  const { t } = useText()
  const { schemeId, ...rest } = props
  const [typed, setTyped] = useState('')
  const {
    data: places = NONE,
    isPlaceholderData,
    isFetching,
  } = useQuery(publicPlacesQuery(schemeId, typed.trim()))
  return (
    <CommuneSelect
      {...rest}
      size="md"
      label={t('join.commune')}
      typed={typed}
      onType={setTyped}
      places={places}
      isCurrent={!(isPlaceholderData || isFetching)}
    />
  )
}
