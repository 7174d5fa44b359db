import { Button, Select, Textarea, TextInput } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import IconArrowBackUp from '@tabler/icons-react/icons/IconArrowBackUp'
import { useQuery } from '@tanstack/react-query'
import { memo, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { ReadCommunes, SectorsView } from '../../../src/schemes/sectors/contract.ts'
import { callApi } from '../../api/client.ts'
import { newId } from '../../api/ids.ts'
import { useAction } from '../../api/useAction.ts'
import { Leaving } from '../../ui/account/Leaving.tsx'
import { useText } from '../../ui/format/text.ts'
import { TerritoryMap } from '../../ui/map/TerritoryMap.tsx'
import { Failure } from '../../ui/Notice.tsx'
import { Affected } from '../alerts/Affected.tsx'
import { sectorAlertsQuery, sectorQueries } from './queries.ts'
import classes from './Sectors.module.css'

/** The sector or zone as it was when the editor opened; `id` null: a new sector. */
export type Drawn = ({ kind: 'sector'; id: string | null } | { kind: 'zone'; id: string }) & {
  name: string
  codes: readonly string[]
  version: number
}

/**
 * Edits a sector or a zone on the map, or by lists that do the same without it. Nothing is stored before it is saved.
 */
export function SectorEditor(props: {
  schemeId: string
  view: SectorsView
  drawn: Drawn
  onDone: () => void
}) {
  const { t } = useText()
  const { schemeId, view, drawn, onDone } = props
  const [name, setName] = useState(drawn.name)
  const drawing = useDrawing(drawn.codes)
  const { chosen, put } = drawing
  const first = useRef<HTMLHeadingElement>(null)
  const sectorId = drawn.kind === 'sector' ? drawn.id : null
  const affected = useQuery({
    ...sectorAlertsQuery(schemeId, sectorId ?? ''),
    enabled: sectorId !== null,
  }).data
  useEffect(() => first.current?.focus(), [])

  const sameCodes = chosen.size === drawn.codes.length && drawn.codes.every((code) => chosen.has(code))
  const save = useSave({ schemeId, view, drawn, name, chosen, onSaved: onDone })
  const isDirty = !save.isSuccess && (!sameCodes || name !== drawn.name)

  const also = useOtherSectors(view, drawn)
  const rows = view.communes.filter(({ code }) => chosen.has(code))
  const reach = t('sectors.reach', {
    communes: rows.length,
    members: rows.reduce((sum, commune) => sum + commune.members, 0),
  })
  const paint = useMemo(() => new Map([...chosen].map((code): [string, number] => [code, 1])), [chosen])
  const codesIn = (key: 'epciCode' | 'arrondissementCode', code: string | null) =>
    view.communes.filter((commune) => commune[key] === code).map((commune) => commune.code)

  return (
    <form
      className={classes.editor}
      aria-label={t('sectors.form')}
      onSubmit={(event) => {
        event.preventDefault()
        if (!save.isPending) save.mutate()
      }}
    >
      <div className={classes.ways}>
        {drawn.kind === 'sector' && (
          <TextInput
            label={t('sectors.name')}
            maxLength={60}
            value={name}
            error={save.problemAt('name')}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        )}
        <h2 ref={first} tabIndex={-1} className={classes.partTitle}>
          {t('sectors.byList')}
        </h2>
        <Group
          label={t('sectors.add.epci')}
          groups={view.epcis}
          onPick={(code) => drawing.add(codesIn('epciCode', code))}
        />
        <Group
          label={t('sectors.add.arrondissement')}
          groups={view.arrondissements}
          onPick={(code) => drawing.add(codesIn('arrondissementCode', code))}
        />
        <Typed schemeId={schemeId} onAdd={drawing.add} />
      </div>
      <section className={classes.drawing} aria-label={t('sectors.onMap')}>
        <div className={classes.map}>
          <TerritoryMap
            schemeId={schemeId}
            paint={paint}
            tint="accent"
            legend="map.legend.sector"
            label={t('sectors.map', { reach })}
            describe={(code, known) => [known, also.get(code)].filter(Boolean).join(' · ')}
            onPick={drawing.toggle}
            onStroke={put}
          />
        </div>
        <div className={classes.row}>
          <p role="status" className={classes.reach}>
            {reach}
          </p>
          <div className={classes.actions}>
            <Button
              variant="default"
              leftSection={<IconArrowBackUp size={16} aria-hidden />}
              aria-keyshortcuts="Control+Z"
              disabled={!drawing.canUndo}
              onClick={drawing.undo}
            >
              {t('sectors.undo')}
            </Button>
            <Button variant="default" disabled={chosen.size === 0} onClick={() => put([...chosen], false)}>
              {t('sectors.empty')}
            </Button>
          </div>
        </div>
        <div className={classes.foot}>
          <Failure error={save.failure} />
          {affected !== undefined && isDirty && (
            <Affected title={t('affected.sector.change', { count: affected.length })} alerts={affected} />
          )}
          <div className={classes.actions}>
            <Button variant="default" disabled={save.isPending} onClick={onDone}>
              {t(isDirty ? 'settings.discard' : 'sectors.back')}
            </Button>
            <Button type="submit" loading={save.isPending} disabled={!isDirty}>
              {t('settings.save')}
            </Button>
          </div>
        </div>
      </section>
      <ChosenList communes={rows} also={also} onTake={drawing.takeOff} />
      <Leaving isDirty={isDirty} />
      {view.communes.length === 0 && <p className={classes.about}>{t('sectors.noTerritory')}</p>}
    </form>
  )
}

/** Holds the communes of the drawing and its steps, which are undone one by one. */
function useDrawing(codes: readonly string[]) {
  // Latest last.
  const [steps, setSteps] = useState<readonly ReadonlySet<string>[]>([new Set(codes)])
  const chosen = steps.at(-1) ?? new Set<string>()
  const put = useCallback((codes: readonly string[], on: boolean) => {
    setSteps((all) => {
      const before = all.at(-1) ?? new Set<string>()
      const after = new Set(before)
      for (const code of codes) {
        if (on) after.add(code)
        else after.delete(code)
      }
      // A step without an effect is not recorded, since undoing it would seem to do nothing.
      return after.size === before.size ? all : [...all, after]
    })
  }, [])
  const add = useCallback((codes: readonly string[]) => put(codes, true), [put])
  const takeOff = useCallback((code: string) => put([code], false), [put])
  const toggle = useCallback((code: string) => put([code], !chosen.has(code)), [put, chosen])
  const undo = () => setSteps((all) => (all.length > 1 ? all.slice(0, -1) : all))
  useHotkeys([['mod+Z', undo]])
  return { chosen, put, add, takeOff, toggle, undo, canUndo: steps.length > 1 }
}

/** Saves the drawing as a zone, a new sector, or another shape of one. */
function useSave(of: {
  readonly schemeId: string
  readonly view: SectorsView
  readonly drawn: Drawn
  readonly name: string
  readonly chosen: ReadonlySet<string>
  readonly onSaved: () => void
}) {
  const { t } = useText()
  const { schemeId, view, drawn, name, chosen } = of
  const [newSectorId] = useState(newId)
  return useAction(
    async (): Promise<unknown> => {
      const communeCodes = [...chosen]
      if (drawn.kind === 'zone') {
        const isWhole = view.communes.every(({ code }) => chosen.has(code))
        return callApi('setZone', {
          params: { scheme: schemeId, agency: drawn.id },
          body: { communeCodes: isWhole ? null : communeCodes, version: drawn.version },
        })
      }
      if (drawn.id === null)
        return callApi('createSector', {
          params: { scheme: schemeId },
          body: { id: newSectorId, name, communeCodes },
        })
      return callApi('changeSector', {
        params: { scheme: schemeId, id: drawn.id },
        body: { name, communeCodes, version: drawn.version },
      })
    },
    {
      fields: ['name'],
      success: t('sectors.saved', { name: drawn.kind === 'zone' ? drawn.name : name.trim() }),
      refresh: sectorQueries(schemeId),
      onRefreshed: of.onSaved,
    },
  )
}

/** Returns the names of the other sectors of each commune, as text. */
function useOtherSectors(view: SectorsView, drawn: Drawn): ReadonlyMap<string, string> {
  const { t, lang } = useText()
  return useMemo(() => {
    const names = new Map<string, string[]>()
    if (drawn.kind === 'sector')
      for (const sector of view.sectors) {
        if (sector.id === drawn.id) continue
        for (const code of sector.communeCodes) names.set(code, [...(names.get(code) ?? []), sector.name])
      }
    const list = new Intl.ListFormat(lang, { type: 'conjunction' })
    return new Map(
      [...names].map(([code, of]): [string, string] => [code, t('sectors.also', { names: list.format(of) })]),
    )
  }, [view, drawn, lang, t])
}

/** Lists the communes of the drawing. */
function ChosenList(props: {
  communes: SectorsView['communes']
  also: ReadonlyMap<string, string>
  onTake: (code: string) => void
}) {
  const { t } = useText()
  const { communes, also } = props
  return (
    <section className={classes.chosen} aria-labelledby="chosen-title">
      <h2 id="chosen-title" className={classes.partTitle}>
        {t('sectors.chosen')}
      </h2>
      {communes.length === 0 ? (
        <p className={classes.about}>{t('sectors.chosen.none')}</p>
      ) : (
        <ul className={classes.communes} aria-labelledby="chosen-title">
          {communes.map((commune) => (
            <Chosen
              key={commune.code}
              commune={commune}
              also={also.get(commune.code)}
              onTake={props.onTake}
            />
          ))}
        </ul>
      )}
    </section>
  )
}

/** Shows a commune of the drawing. Memoised, since there may be hundreds. */
const Chosen = memo(function Chosen(props: {
  commune: SectorsView['communes'][number]
  also: string | undefined
  onTake: (code: string) => void
}) {
  const { t } = useText()
  const { code, name, members } = props.commune
  return (
    <li className={classes.row}>
      <div>
        {name}
        <span className={classes.about}>
          {[code, t('sectors.members', { members }), props.also].filter(Boolean).join(' · ')}
        </span>
      </div>
      <Button variant="subtle" aria-label={t('sectors.take.of', { name })} onClick={() => props.onTake(code)}>
        {t('sectors.take')}
      </Button>
    </li>
  )
})

/** Adds all communes of a group at once. */
function Group(props: {
  label: string
  groups: readonly { code: string; name: string }[]
  onPick: (code: string) => void
}) {
  const { t } = useText()
  const [typed, setTyped] = useState('')
  return (
    <Select
      label={props.label}
      placeholder={t('sectors.pick')}
      searchable
      nothingFoundMessage={t('sectors.pick.none')}
      data={props.groups.map(({ code, name }) => ({ value: code, label: name }))}
      value={null}
      searchValue={typed}
      onSearchChange={setTyped}
      onChange={(code) => {
        if (code !== null) props.onPick(code)
        setTyped('')
      }}
    />
  )
}

/** Adds communes that the user types or pastes; asks when a name has several matches. */
function Typed(props: { schemeId: string; onAdd: (codes: readonly string[]) => void }) {
  const { t } = useText()
  const [text, setText] = useState('')
  const [unclear, setUnclear] = useState<ReadCommunes['unclear']>([])
  const read = useAction(
    () => callApi('readTypedCommunes', { params: { scheme: props.schemeId }, body: { text } }),
    {
      onSuccess: (said) => {
        if (said.found.length > 0) props.onAdd(said.found.map(({ code }) => code))
        setUnclear(said.unclear)
        // Names that were not recognised stay in the field to be corrected.
        setText(said.unknown.join('\n'))
      },
    },
  )
  const settle = (typed: string, codes: readonly string[]) => {
    props.onAdd(codes)
    setUnclear((all) => all.filter((one) => one.typed !== typed))
  }
  return (
    <div className={classes.typed}>
      <Textarea
        label={t('sectors.typed')}
        description={t('sectors.typed.what')}
        rows={3}
        maxLength={50_000}
        value={text}
        error={
          read.data !== undefined && read.data.unknown.length > 0
            ? t('sectors.typed.unknown', { names: read.data.unknown.join(', ') })
            : undefined
        }
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Button
        variant="default"
        disabled={text.trim() === ''}
        loading={read.isPending}
        onClick={() => read.mutate()}
      >
        {t('sectors.typed.add')}
      </Button>
      <Failure error={read.failure} />
      {unclear.map(({ typed, communes }) => (
        <fieldset key={typed} className={classes.unclear}>
          <legend>{t('sectors.unclear', { typed })}</legend>
          <Button
            variant="default"
            onClick={() =>
              settle(
                typed,
                communes.map(({ code }) => code),
              )
            }
          >
            {t('sectors.unclear.all')}
          </Button>
          {communes.map(({ code, name }) => (
            <Button key={code} variant="default" onClick={() => settle(typed, [code])}>
              {name} ({code})
            </Button>
          ))}
        </fieldset>
      ))}
    </div>
  )
}
