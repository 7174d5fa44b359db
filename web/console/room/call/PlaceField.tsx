import { CloseButton, Combobox, Loader, TextInput, useCombobox, VisuallyHidden } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import type { Place } from '../../../../src/territory/contract.ts'
import { placesQuery } from '../../../api/queries.ts'
import { communeNameOf } from '../../../ui/format.ts'
import { useText } from '../../../ui/text.ts'
import type { Draft } from '../text/draft.ts'
import classes from './Fields.module.css'

type Commune = NonNullable<Draft['commune']>

/** Finds a commune of the scheme while typing; Enter selects the first result, even if it has not arrived yet. */
export function PlaceField(props: {
  schemeId: string
  id: string
  value: Commune | null
  onPick: (commune: Commune | null) => void
}) {
  const { t } = useText()
  const [typed, setTyped] = useState<string | null>(null)
  const takeFirst = useRef<string | null>(null)
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() })
  const q = (typed ?? '').trim()
  const places = useQuery(placesQuery(props.schemeId, q))
  const fresh = places.data !== undefined && !places.isPlaceholderData
  const found = q === '' ? [] : (places.data ?? [])

  const pick = (place: Place) => {
    takeFirst.current = null
    combobox.closeDropdown()
    setTyped(null)
    const { code, name, formerName, postalCodes } = place
    props.onPick({ code, name, formerName, postalCode: postalCodes[0] ?? null })
  }

  const first = found[0]
  useEffect(() => {
    if (fresh && first !== undefined && takeFirst.current === q && q !== '') pick(first)
  })

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && typed !== null) setTyped(null)
    if (event.key !== 'Enter' || event.ctrlKey || event.metaKey || q === '') return
    event.preventDefault()
    if (combobox.getSelectedOptionIndex() > 0) return
    if (fresh && first !== undefined) pick(first)
    else takeFirst.current = q
  }

  const shown = typed ?? (props.value === null ? '' : nameOf(props.value))
  return (
    <Combobox
      store={combobox}
      onOptionSubmit={(code) => {
        const place = found.find((one) => one.code === code)
        if (place) pick(place)
      }}
    >
      <Combobox.Target withExpandedAttribute>
        <TextInput
          id={props.id}
          role="combobox"
          aria-autocomplete="list"
          label={t('room.where')}
          placeholder={t('room.where.placeholder')}
          autoComplete="off"
          spellCheck={false}
          value={shown}
          onChange={(event) => {
            takeFirst.current = null
            setTyped(event.currentTarget.value)
            combobox.openDropdown()
            combobox.updateSelectedOptionIndex()
          }}
          onFocus={(event) => {
            if (props.value !== null) event.currentTarget.select()
          }}
          onBlur={() => {
            combobox.closeDropdown()
            if (takeFirst.current === null) setTyped(null)
          }}
          onKeyDown={onKeyDown}
          rightSection={
            q !== '' && places.isFetching ? (
              <Loader size={14} />
            ) : props.value !== null ? (
              <CloseButton size={28} aria-label={t('room.where.clear')} onClick={() => props.onPick(null)} />
            ) : null
          }
        />
      </Combobox.Target>
      <VisuallyHidden role="status">
        {fresh && q !== '' && first !== undefined
          ? t('room.where.found', { count: found.length, name: first.name })
          : ''}
      </VisuallyHidden>
      <Combobox.Dropdown hidden={q === ''}>
        <Combobox.Options aria-label={t('room.where')}>
          {found.map((place) => (
            <Combobox.Option
              key={place.code}
              value={place.code}
              active={place === first}
              className={place === first ? (classes.first ?? '') : ''}
            >
              <span className={classes.option}>
                <span>{communeNameOf(place)}</span>
                <small>
                  {place.postalCodes[0]}
                  {place.epci !== null && ` · ${place.epci.name}`}
                </small>
              </span>
            </Combobox.Option>
          ))}
          {fresh && found.length === 0 && <Combobox.Empty>{t('room.where.none', { q })}</Combobox.Empty>}
          {places.isError && <Combobox.Empty>{places.error.message}</Combobox.Empty>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  )
}

function nameOf(commune: Commune): string {
  const name = communeNameOf(commune)
  return commune.postalCode === null ? name : `${name} ${commune.postalCode}`
}
