import { Autocomplete, type AutocompleteProps } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect } from 'react'
import { placesQuery } from '../../../api/queries.ts'
import type { Commune } from '../../../ui/fields/communes/CommuneSelect.tsx'
import { useText } from '../../../ui/format/text.ts'

/**
 * The field for the postal code of a member: it proposes those of its commune, fills in the only one, and accepts a CEDEX. A commune
 * with several needs one.
 */
export function PostalCodeField(props: {
  schemeId: string
  commune: Commune | null
  /** Whether the commune is not the stored one: its only postal code is then filled in. */
  isChanged: boolean
  value?: string
  onChange?: (value: string) => void
  error?: ReactNode
  description: ReactNode
  inputWrapperOrder: NonNullable<AutocompleteProps['inputWrapperOrder']>
}) {
  const { t } = useText()
  const { schemeId, commune, isChanged, value = '', onChange, ...rest } = props
  const places = useQuery(placesQuery(schemeId, commune?.code ?? ''))
  // Places found for another code are shown until the answer comes.
  const codes = places.data?.find(({ code }) => code === commune?.code)?.postalCodes ?? []
  const only = codes.length === 1 ? codes[0] : undefined
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the commune changes: emptied by hand, it stays empty
  useEffect(() => {
    if (isChanged && value === '' && only !== undefined) onChange?.(only)
  }, [commune?.code, only])
  return (
    <Autocomplete
      {...rest}
      label={t('memberForm.postalCode')}
      description={
        rest.description ?? (codes.length > 1 && value === '' ? t('memberForm.postalCode.which') : undefined)
      }
      required={codes.length > 1}
      autoComplete="off"
      inputMode="numeric"
      maxLength={10}
      data={codes}
      // Every code of the commune is shown, also when one is chosen.
      filter={({ options }) => options}
      openOnFocus={codes.length > 1}
      value={value}
      onChange={(typed) => onChange?.(typed)}
    />
  )
}
