import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { placesQuery } from '../../../api/queries.ts'
import { type Commune, CommuneSelect } from '../../../ui/fields/communes/CommuneSelect.tsx'
import { useText } from '../../../ui/format/text.ts'

const NONE: readonly Commune[] = []

/** The field for the commune of a member, in the territory of the scheme. */
export function CommunePick(props: {
  schemeId: string
  value: Commune | null
  onPick: (commune: Commune | null) => void
  error: ReactNode
  description: string | undefined
}) {
  const { t } = useText()
  const { schemeId, ...rest } = props
  const [typed, setTyped] = useState('')
  const { data: places = NONE, isPlaceholderData, isFetching } = useQuery(placesQuery(schemeId, typed.trim()))
  return (
    <CommuneSelect
      {...rest}
      label={t('members.commune')}
      typed={typed}
      onType={setTyped}
      places={places}
      isCurrent={!(isPlaceholderData || isFetching)}
    />
  )
}
