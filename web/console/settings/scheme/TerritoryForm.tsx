import { CloseButton, Loader, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useEffect, useState } from 'react'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import type { TerritoryPart } from '../../../../src/schemes/territory/contract.ts'
import { callApi } from '../../../api/client.ts'
import { schemeQuery } from '../../../api/queries.ts'
import { useAction } from '../../../api/useAction.ts'
import { SuggestField } from '../../../ui/fields/SuggestField.tsx'
import { type TextKey, useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { settingChangesQuery } from '../changes/queries.ts'
import { SecondPerson } from '../changes/SecondPerson.tsx'
import { SettingActions } from '../SettingActions.tsx'
import classes from '../Settings.module.css'
import { TerritoryEffects } from './TerritoryEffects.tsx'
import {
  areaOfParts,
  keyOfPart,
  territoryKey,
  territoryPartsQuery,
  territoryPreviewQuery,
  territoryWords,
} from './territory.ts'

const KINDS = {
  region: 'territory.kind.region',
  departement: 'territory.kind.departement',
  arrondissement: 'territory.kind.arrondissement',
  epci: 'territory.kind.epci',
  commune: 'territory.kind.commune',
} as const satisfies Record<TerritoryPart['kind'], TextKey>

/** Shows of what the territory is made; proposes another one, with what it would change. */
export function TerritoryForm(props: {
  scheme: SchemeView
  mayChange: boolean
  mayRead: boolean
  onDirty: (isDirty: boolean) => void
}) {
  const { t, lang } = useText()
  const { scheme, mayChange, mayRead, onDirty } = props
  const inForce = useQuery({ ...territoryPreviewQuery(scheme.id, scheme.territory), enabled: mayRead })
  const known = inForce.data?.parts
  const [draft, setDraft] = useState<readonly TerritoryPart[] | null>(null)
  const [reason, setReason] = useState('')
  const parts = draft ?? known ?? []
  const isDirty = draft !== null && known !== undefined && !areSame(draft, known)
  useEffect(() => onDirty(isDirty), [isDirty, onDirty])
  const territory = isDirty ? areaOfParts(parts) : null
  const preview = useQuery(territoryPreviewQuery(scheme.id, territory))
  const discard = () => {
    setDraft(null)
    setReason('')
  }
  const save = useAction(
    () =>
      callApi('setSchemeGeneral', {
        params: { scheme: scheme.id },
        body: { ...(territory !== null && { territory }), reason },
      }),
    {
      fields: ['reason'],
      refresh: [
        schemeQuery(scheme.id).queryKey,
        settingChangesQuery(scheme.id).queryKey,
        territoryKey(scheme.id),
      ],
      success: ({ proposed }) => t(proposed === null ? 'settings.scheme.saved' : 'settingChange.proposed'),
      onRefreshed: discard,
    },
  )
  const change = (next: readonly TerritoryPart[]) => {
    setDraft(next)
    save.reset()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!save.isPending && territory !== null) save.mutate()
  }
  return (
    <form className={classes.card} noValidate onSubmit={submit} aria-labelledby="territoire">
      <h3 id="territoire" className={classes.cardTitle}>
        {t('settings.scheme.territory')}
      </h3>
      <p className={classes.mute}>{t('settings.scheme.territory.what')}</p>
      {!mayRead && <p className={classes.value}>{territoryWords(t, lang, scheme.territory)}</p>}
      {inForce.isPending && mayRead && <Skeleton height={44} />}
      <Failure error={inForce.error} retry={() => void inForce.refetch()} />
      {parts.length > 0 && (
        <ul className={classes.territory} aria-label={t('territory.parts')}>
          {parts.map((part) => (
            <li key={keyOfPart(part)}>
              <span className={classes.territoryName}>
                {part.name} <small className={classes.mute}>{detailOf(part)}</small>
              </span>
              {mayChange && (
                <CloseButton
                  size={44}
                  iconSize={16}
                  aria-label={t('territory.remove', { name: part.name })}
                  onClick={(event) => {
                    // The button that had the focus goes away.
                    event.currentTarget.form?.querySelector<HTMLElement>('[role=combobox]')?.focus()
                    change(parts.filter((one) => one !== part))
                  }}
                />
              )}
            </li>
          ))}
        </ul>
      )}
      {mayChange && known !== undefined && (
        <PartField schemeId={scheme.id} taken={parts} onPick={(part) => change([...parts, part])} />
      )}
      {isDirty && territory === null && <p role="alert">{t('territory.none')}</p>}
      <div role="status">
        {isDirty && territory !== null && preview.data !== undefined && !preview.isPlaceholderData && (
          <TerritoryEffects preview={preview.data} />
        )}
      </div>
      <Failure error={preview.error} />
      {mayChange && isDirty && (
        <>
          <SecondPerson
            subject="scheme"
            settings={['scheme.territory']}
            reason={reason}
            onReason={setReason}
            error={save.problemAt('reason')}
          />
          <SettingActions save={save} isDirty={territory !== null} isProposed onDiscard={discard} />
        </>
      )}
    </form>
  )

  function detailOf({ kind, departement }: TerritoryPart): string {
    return departement === null ? t(KINDS[kind]) : `${t(KINDS[kind])} · ${departement}`
  }
}

/** Finds a part to add while typing. */
function PartField(props: {
  schemeId: string
  taken: readonly TerritoryPart[]
  onPick: (part: TerritoryPart) => void
}) {
  const { t } = useText()
  const [typed, setTyped] = useState('')
  const q = typed.trim()
  const { data, isFetching, isPlaceholderData, error } = useQuery(territoryPartsQuery(props.schemeId, q))
  const taken = new Set(props.taken.map(keyOfPart))
  const found = q === '' ? [] : (data ?? []).filter((part) => !taken.has(keyOfPart(part)))
  const isFresh = data !== undefined && !isPlaceholderData
  return (
    <SuggestField
      className={classes.territoryField ?? ''}
      label={t('territory.add')}
      placeholder={t('territory.add.example')}
      maxLength={80}
      value={typed}
      entries={found}
      keyOf={keyOfPart}
      render={(part) => (
        <span>
          {part.name}{' '}
          <small className={classes.mute}>
            {t(KINDS[part.kind])}
            {part.departement !== null && ` · ${part.departement}`}
          </small>
        </span>
      )}
      none={q === '' ? null : (error?.message ?? (isFresh ? t('territory.notFound', { q }) : null))}
      onType={setTyped}
      onPick={(part) => {
        setTyped('')
        props.onPick(part)
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && q !== '') event.preventDefault()
      }}
      rightSection={isFetching ? <Loader size={14} /> : null}
    />
  )
}

function areSame(some: readonly TerritoryPart[], others: readonly TerritoryPart[]): boolean {
  const keys = new Set(others.map(keyOfPart))
  return some.length === others.length && some.every((part) => keys.has(keyOfPart(part)))
}
