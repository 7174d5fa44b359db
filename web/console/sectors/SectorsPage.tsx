import { Button, Skeleton } from '@mantine/core'
import IconMap2 from '@tabler/icons-react/icons/IconMap2'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { AffectedAlert } from '../../../src/alerts/contract.ts'
import type { SectorsView, SectorView, ZoneView } from '../../../src/schemes/sectors/contract.ts'
import { callApi } from '../../api/client.ts'
import { useAction } from '../../api/useAction.ts'
import { whenOf } from '../../ui/format/format.ts'
import { useMinute } from '../../ui/format/now.ts'
import { useText } from '../../ui/format/text.ts'
import { TerritoryMap } from '../../ui/map/TerritoryMap.tsx'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { Page } from '../../ui/Page.tsx'
import { toast } from '../../ui/toasts/toast.ts'
import { useNew } from '../../ui/useNew.ts'
import { Affected } from '../alerts/Affected.tsx'
import { useCurrent } from '../shell/current.tsx'
import { sectorAlertsQuery, sectorQueries, sectorsQuery } from './queries.ts'
import { type Drawn, SectorEditor } from './SectorEditor.tsx'
import classes from './Sectors.module.css'

const NEW: Drawn = { kind: 'sector', id: null, name: '', codes: [], version: 0 }

/** Lists the sectors of the scheme and the zones of police and gendarmerie, or shows the editor of one. */
export function SectorsPage() {
  const { t } = useText()
  const { scheme } = useCurrent()
  const view = useQuery(sectorsQuery(scheme.id))
  // Kept as it was when opened: a concurrent change by another user is refused by its version, not overwritten.
  const [chosen, setOpen] = useState<Drawn | null>(null)
  const adding = useNew()
  // A link to a new one leaves what was open, so that closing the new one does not return to it.
  if (adding.isNew && chosen !== null) setOpen(null)
  const open = adding.isNew ? NEW : chosen
  const last = useRef<string | null>(null)
  const marking = useMarking()
  useEffect(() => {
    // The keyboard focus returns to where it was before the editor.
    if (open === null && last.current !== null) document.getElementById(`draw-${last.current}`)?.focus()
  }, [open])
  const begin = (drawn: Drawn) => {
    last.current = drawn.id ?? 'new'
    setOpen(drawn)
  }
  const add = () => {
    last.current = 'new'
    adding.open()
  }
  const finish = () => (adding.isNew ? adding.close() : setOpen(null))

  if (view.data === undefined) {
    return (
      <Page title={t('nav.sectors')} lead={t('sectors.lead')}>
        {view.isError ? (
          <Failure error={view.error} retry={() => void view.refetch()} />
        ) : (
          <Skeleton height={320} radius="lg" />
        )}
      </Page>
    )
  }
  if (open !== null) {
    return (
      <Page
        title={open.id === null ? t('sectors.new') : open.name}
        lead={t(open.kind === 'zone' ? 'sectors.zone.lead' : 'sectors.draw.lead')}
      >
        <SectorEditor
          key={open.id ?? 'new'}
          schemeId={scheme.id}
          view={view.data}
          drawn={open}
          onDone={finish}
        />
      </Page>
    )
  }
  return (
    <Page
      title={t('nav.sectors')}
      lead={t('sectors.lead')}
      aside={
        <Button id="draw-new" onClick={add}>
          {t('sectors.add')}
        </Button>
      }
    >
      <div className={classes.split}>
        <div className={classes.lists}>
          <Sectors schemeId={scheme.id} view={view.data} marking={marking} onDraw={begin} />
          <Zones schemeId={scheme.id} view={view.data} marking={marking} onDraw={begin} />
        </div>
        <AllOnMap schemeId={scheme.id} view={view.data} marking={marking} />
      </div>
    </Page>
  )
}

/** Keeps which sectors or zones are marked in the list and on the map, by the pointer or the keyboard in either of them. */
function useMarking() {
  const [marked, setMarked] = useState<readonly string[]>([])
  return {
    marked,
    mark: (ids: readonly string[]) => setMarked((before) => (before.join() === ids.join() ? before : ids)),
    /** Attributes of an item of the list. */
    of: (id: string) => ({
      'data-marked': marked.includes(id) || undefined,
      onMouseEnter: () => setMarked([id]),
      onMouseLeave: () => setMarked([]),
      onFocus: () => setMarked([id]),
      onBlur: () => setMarked([]),
    }),
  }
}

type Marking = ReturnType<typeof useMarking>

/** Shows what is marked on the map, or else the communes of all sectors. */
function AllOnMap(props: { schemeId: string; view: SectorsView; marking: Marking }) {
  const { t } = useText()
  const { view, marking } = props
  const { marked } = marking
  const ofCommune = useMemo(() => {
    const found = new Map<string, SectorView[]>()
    for (const sector of view.sectors)
      for (const code of sector.communeCodes) found.set(code, [...(found.get(code) ?? []), sector])
    return found
  }, [view.sectors])
  const zone = view.zones.find(({ agencyId }) => marked.includes(agencyId))
  const paint = useMemo(() => {
    const zoneCodes = zone === undefined ? [] : (zone.communeCodes ?? view.communes.map(({ code }) => code))
    const codes =
      marked.length === 0
        ? [...ofCommune.keys()]
        : [
            ...view.sectors
              .filter(({ id }) => marked.includes(id))
              .flatMap(({ communeCodes }) => communeCodes),
            ...zoneCodes,
          ]
    return new Map(codes.map((code): [string, number] => [code, 1]))
  }, [ofCommune, view, marked, zone])
  const members = useMemo(() => new Map(view.communes.map((one) => [one.code, one.members])), [view.communes])
  const names = [
    ...view.sectors.filter(({ id }) => marked.includes(id)),
    ...(zone === undefined ? [] : [zone]),
  ]
  return (
    <section className={classes.overview} aria-label={t('sectors.onMap')}>
      <TerritoryMap
        schemeId={props.schemeId}
        paint={paint}
        tint="accent"
        legend="map.legend.sector"
        label={
          names.length === 0
            ? t('sectors.map.all')
            : t('sectors.map.marked', { names: names.map(({ name }) => name).join(', ') })
        }
        describe={(code, name) =>
          [
            name,
            ...(ofCommune.get(code) ?? []).map((sector) => sector.name),
            t('sectors.members', { members: members.get(code) ?? 0 }),
          ].join(' · ')
        }
        onHover={(code) => marking.mark((ofCommune.get(code ?? '') ?? []).map(({ id }) => id))}
        onPick={(code) => document.getElementById(`draw-${ofCommune.get(code)?.[0]?.id}`)?.focus()}
      />
    </section>
  )
}

/** Returns the numbers of communes and members of a set of communes as text. */
function useReach(view: SectorsView) {
  const { t } = useText()
  const members = new Map(view.communes.map((commune) => [commune.code, commune.members]))
  return (codes: readonly string[]) =>
    t('sectors.reach', {
      communes: codes.length,
      members: codes.reduce((sum, code) => sum + (members.get(code) ?? 0), 0),
    })
}

function Sectors(props: {
  schemeId: string
  view: SectorsView
  marking: Marking
  onDraw: (drawn: Drawn) => void
}) {
  const { t } = useText()
  const { schemeId, view } = props
  const reach = useReach(view)
  const title = useRef<HTMLHeadingElement>(null)
  const { mutate, isPending, error } = useAction((change: () => Promise<unknown>) => change(), {
    // Also after a refusal, since another user may have changed it.
    refresh: sectorQueries(schemeId),
    refreshAfterFailure: sectorQueries(schemeId),
  })
  const restore = (id: string) => mutate(() => callApi('restoreSector', { params: { scheme: schemeId, id } }))
  const [kept, setKept] = useState<{ name: string; alerts: AffectedAlert[] } | null>(null)
  const client = useQueryClient()
  /** Asks first which alerts the sector is for: the server refuses to remove it while there is one. */
  const remove = async (sector: SectorView) => {
    const alerts = await client
      .fetchQuery({ ...sectorAlertsQuery(schemeId, sector.id), staleTime: 0 })
      .catch(() => [])
    setKept(alerts.length === 0 ? null : { name: sector.name, alerts })
    if (alerts.length === 0) removeNow(sector)
  }
  const removeNow = ({ id, version, name }: SectorView) =>
    mutate(() => callApi('removeSector', { params: { scheme: schemeId, id }, query: { version } }), {
      onSuccess: () => {
        // Its buttons disappear with it.
        title.current?.focus()
        void toast(t('sectors.removed', { name }), () => restore(id))
      },
    })
  return (
    <section aria-labelledby="sectors-title" className={classes.part}>
      <h2 id="sectors-title" ref={title} tabIndex={-1}>
        {t('sectors.title')}
      </h2>
      {error !== null && <Failure error={error} />}
      {kept !== null && (
        <Affected
          title={t('affected.sector.kept', { name: kept.name, count: kept.alerts.length })}
          alerts={kept.alerts}
        />
      )}
      {view.sectors.length === 0 ? (
        <Empty icon={<IconMap2 size={36} stroke={1.4} aria-hidden />} title={t('sectors.none')}>
          {t('sectors.none.hint')}
        </Empty>
      ) : (
        <ul className={classes.list} aria-labelledby="sectors-title">
          {view.sectors.map((sector) => (
            <li key={sector.id} className={classes.row} {...props.marking.of(sector.id)}>
              <div>
                <b>{sector.name}</b>
                <span className={classes.about}>{reach(sector.communeCodes)}</span>
              </div>
              <div className={classes.actions}>
                <Button
                  id={`draw-${sector.id}`}
                  variant="default"
                  aria-label={t('sectors.change.of', { name: sector.name })}
                  onClick={() =>
                    props.onDraw({
                      kind: 'sector',
                      id: sector.id,
                      name: sector.name,
                      codes: sector.communeCodes,
                      version: sector.version,
                    })
                  }
                >
                  {t('sectors.change')}
                </Button>
                <Button
                  variant="subtle"
                  color="red"
                  aria-label={t('sectors.remove.of', { name: sector.name })}
                  disabled={isPending}
                  onClick={() => void remove(sector)}
                >
                  {t('sectors.remove')}
                </Button>
              </div>
            </li>
          ))}
        </ul>
      )}
      <Removed
        title={t('sectors.removed.title', { count: view.removed.length })}
        what={t('sectors.removed.what')}
        said="sectors.removed.by"
        rows={view.removed.map(({ id, name, communeCodes, removed }) => ({
          id,
          name,
          about: reach(communeCodes),
          ...removed,
        }))}
        isBusy={isPending}
        onRestore={restore}
      />
    </section>
  )
}

function Zones(props: {
  schemeId: string
  view: SectorsView
  marking: Marking
  onDraw: (drawn: Drawn) => void
}) {
  const { t } = useText()
  const { schemeId, view } = props
  const reach = useReach(view)
  const title = useRef<HTMLHeadingElement>(null)
  const whole = view.communes.map(({ code }) => code)
  const { mutate, isPending, error } = useAction(
    ({ zone, communeCodes }: { zone: ZoneView; communeCodes: string[] | null }) =>
      callApi('setZone', {
        params: { scheme: schemeId, agency: zone.agencyId },
        body: { communeCodes, version: zone.version },
      }),
    {
      refresh: sectorQueries(schemeId),
      refreshAfterFailure: sectorQueries(schemeId),
    },
  )
  const restore = (zone: ZoneView) => mutate({ zone, communeCodes: zone.removed?.communeCodes ?? null })
  const remove = (zone: ZoneView) =>
    mutate(
      { zone, communeCodes: null },
      {
        onSuccess: (left) => {
          title.current?.focus()
          void toast(t('sectors.zone.removed', { name: zone.name }), () => restore(left))
        },
      },
    )
  if (view.zones.length === 0) return null
  return (
    <section aria-labelledby="zones-title" className={classes.part}>
      <h2 id="zones-title" ref={title} tabIndex={-1}>
        {t('sectors.zones')}
      </h2>
      <p className={classes.about}>{t('sectors.zones.what')}</p>
      {error !== null && <Failure error={error} />}
      <ul className={classes.list} aria-labelledby="zones-title">
        {view.zones.map((zone) => (
          <li key={zone.agencyId} className={classes.row} {...props.marking.of(zone.agencyId)}>
            <div>
              <b>{zone.name}</b>
              <span className={classes.about}>
                {[
                  t(`sectors.${zone.kind}`),
                  ...(zone.communeCodes === null ? [t('sectors.whole')] : []),
                  reach(zone.communeCodes ?? whole),
                ].join(' · ')}
              </span>
            </div>
            <div className={classes.actions}>
              <Button
                id={`draw-${zone.agencyId}`}
                variant="default"
                aria-label={t('sectors.change.of', { name: zone.name })}
                onClick={() =>
                  props.onDraw({
                    kind: 'zone',
                    id: zone.agencyId,
                    name: zone.name,
                    codes: zone.communeCodes ?? whole,
                    version: zone.version,
                  })
                }
              >
                {t('sectors.change')}
              </Button>
              {zone.communeCodes !== null && (
                <Button
                  variant="subtle"
                  color="red"
                  aria-label={t('sectors.zone.remove.of', { name: zone.name })}
                  disabled={isPending}
                  onClick={() => remove(zone)}
                >
                  {t('sectors.remove')}
                </Button>
              )}
            </div>
          </li>
        ))}
      </ul>
      <Removed
        title={t('sectors.zone.removed.title', {
          count: view.zones.filter(({ removed }) => removed !== null).length,
        })}
        what={t('sectors.zone.removed.what')}
        said="sectors.zone.removed.by"
        rows={view.zones.flatMap(({ agencyId, name, removed }) =>
          removed === null
            ? []
            : [{ id: agencyId, name, about: reach(removed.communeCodes), at: removed.at, by: removed.by }],
        )}
        isBusy={isPending}
        onRestore={(id) => {
          const zone = view.zones.find(({ agencyId }) => agencyId === id)
          if (zone !== undefined) restore(zone)
        }}
      />
    </section>
  )
}

/** Shows what was removed, to be restored; renders nothing if there is nothing. */
function Removed(props: {
  title: string
  what: string
  /** When it was removed, and by whom. */
  said: 'sectors.removed.by' | 'sectors.zone.removed.by'
  rows: readonly { id: string; name: string; about: string; at: string; by: string | null }[]
  isBusy: boolean
  onRestore: (id: string) => void
}) {
  const { t, lang } = useText()
  const now = useMinute()
  if (props.rows.length === 0) return null
  return (
    <details className={classes.removed}>
      <summary>{props.title}</summary>
      <p className={classes.about}>{props.what}</p>
      <ul className={classes.list} aria-label={props.title}>
        {props.rows.map(({ id, name, about, at, by }) => (
          <li key={id} className={classes.row}>
            <div>
              <b>{name}</b>
              <span className={classes.about}>
                {about} · {t(props.said, { when: whenOf(lang, at, now), who: by ?? 'none' })}
              </span>
            </div>
            <Button
              variant="default"
              aria-label={t('sectors.restore.of', { name })}
              disabled={props.isBusy}
              onClick={() => props.onRestore(id)}
            >
              {t('sectors.restore')}
            </Button>
          </li>
        ))}
      </ul>
    </details>
  )
}
