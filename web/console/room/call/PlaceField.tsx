import { CloseButton, Loader, VisuallyHidden } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import type { Place } from '../../../../src/territory/contract.ts'
import { placesQuery } from '../../../api/queries.ts'
import { SuggestField } from '../../../ui/fields/SuggestField.tsx'
import { communeNameOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
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
  const q = (typed ?? '').trim()
  const places = useQuery(placesQuery(props.schemeId, q))
  const fresh = places.data !== undefined && !places.isPlaceholderData
  const found = q === '' ? [] : (places.data ?? [])

  const pick = (place: Place) => {
    takeFirst.current = null
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
    if (fresh && first !== undefined) pick(first)
    else takeFirst.current = q
  }

  const shown = typed ?? (props.value === null ? '' : nameOf(props.value))
  const none = q !== '' && (places.error?.message ?? (fresh && t('room.where.none', { q })))
  return (
    <>
      <SuggestField
        id={props.id}
        label={t('room.where')}
        placeholder={t('room.where.placeholder')}
        value={shown}
        marksFirst
        listPixels={LIST_PIXELS}
        entries={found}
        keyOf={(place) => place.code}
        render={(place) => (
          <span className={classes.option}>
            <span>{communeNameOf(place)}</span>
            <small>
              {place.postalCodes[0]}
              {place.epci !== null && ` · ${place.epci.name}`}
            </small>
          </span>
        )}
        none={none || null}
        onType={(text) => {
          takeFirst.current = null
          setTyped(text)
        }}
        onPick={pick}
        onFocus={(event) => {
          if (props.value !== null) event.currentTarget.select()
        }}
        onBlur={() => {
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
      <VisuallyHidden role="status">
        {fresh && q !== '' && first !== undefined
          ? t('room.where.found', { count: found.length, name: first.name })
          : ''}
      </VisuallyHidden>
    </>
  )
}

function nameOf(commune: Commune): string {
  const name = communeNameOf(commune)
  return commune.postalCode === null ? name : `${name} ${commune.postalCode}`
}

const LIST_PIXELS = 300
