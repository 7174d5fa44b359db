import { CloseButton, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import IconSearch from '@tabler/icons-react/icons/IconSearch'
import { useEffect, useState } from 'react'
import { useText } from '../format/text.ts'

const SETTLE_MS = 200

/** A search field that searches while typing. */
export function SearchField(props: {
  label: string
  value: string
  onSearch: (q: string) => void
  className?: string
}) {
  const { t } = useText()
  const [typed, setTyped] = useState(props.value)
  const search = useDebouncedCallback(props.onSearch, SETTLE_MS)
  useEffect(() => setTyped(props.value), [props.value])
  return (
    <TextInput
      type="search"
      aria-label={props.label}
      placeholder={props.label}
      className={props.className ?? ''}
      value={typed}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={
        typed !== '' && (
          <CloseButton
            size={28}
            aria-label={t('filter.clear')}
            onClick={() => {
              setTyped('')
              props.onSearch('')
            }}
          />
        )
      }
      onChange={(event) => {
        setTyped(event.currentTarget.value)
        search(event.currentTarget.value.trim())
      }}
    />
  )
}
