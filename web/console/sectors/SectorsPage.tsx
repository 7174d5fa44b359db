import { Button, Skeleton } from '@mantine/core'
import IconMap2 from '@tabler/icons-react/icons/IconMap2'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { SectorsView, SectorView } from '../../../src/schemes/sectors/contract.ts'
import { call, inScheme, post } from '../../api/client.ts'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { Page } from '../../ui/Page.tsx'
import { useText } from '../../ui/text.ts'
import { useCurrent } from '../shell/current.tsx'
import { sectorsQuery } from './queries.ts'
import { type Drawn, SectorEditor } from './SectorEditor.tsx'
import classes from './Sectors.module.css'

/** The sectors of the scheme and the zones of police and gendarmerie: a list of them, or one being drawn. */
export function SectorsPage() {
  const { t } = useText()
  const { scheme } = useCurrent()
  const view = useQuery(sectorsQuery(scheme.id))
  // As it was when it was opened: what somebody else changes meanwhile is refused by its version, not drawn over.
  const [open, setOpen] = useState<Drawn | null>(null)
  const last = useRef<string | null>(null)
  useEffect(() => {
    // The keyboard goes on where it was before the editor.
    if (open === null && last.current !== null) document.getElementById(`draw-${last.current}`)?.focus()
  }, [open])
  const begin = (drawn: Drawn) => {
    last.current = drawn.id ?? 'new'
    setOpen(drawn)
  }
  const add = () => begin({ kind: 'sector', id: null, name: '', codes: [], version: 0 })

  if (view.isError || view.data === undefined) {
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
        <SectorEditor schemeId={scheme.id} view={view.data} drawn={open} onDone={() => setOpen(null)} />
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
      <Sectors schemeId={scheme.id} view={view.data} onDraw={begin} />
      <Zones view={view.data} onDraw={begin} />
    </Page>
  )
}

/** Communes and members of a set of communes, in words. */
function useReach(view: SectorsView) {
  const { t } = useText()
  const members = new Map(view.communes.map((commune) => [commune.code, commune.members]))
  return (codes: readonly string[]) =>
    t('sectors.reach', {
      communes: codes.length,
      members: codes.reduce((sum, code) => sum + (members.get(code) ?? 0), 0),
    })
}

function Sectors(props: { schemeId: string; view: SectorsView; onDraw: (drawn: Drawn) => void }) {
  const { t } = useText()
  const client = useQueryClient()
  const { schemeId, view } = props
  const reach = useReach(view)
  const [removed, setRemoved] = useState<SectorView | null>(null)
  const changed = () => client.invalidateQueries({ queryKey: sectorsQuery(schemeId).queryKey })
  const remove = useMutation({
    mutationFn: ({ id, version }: SectorView) =>
      call<SectorView>(inScheme(schemeId, `/sectors/${id}`), { method: 'DELETE', query: { version } }),
    onSuccess: async (sector) => {
      setRemoved(sector)
      await changed()
    },
    onError: () => void changed(),
  })
  const restore = useMutation({
    mutationFn: (id: string) => post<SectorView>(inScheme(schemeId, `/sectors/${id}/restore`)),
    onSuccess: async () => {
      setRemoved(null)
      await changed()
    },
  })
  const failure = remove.error ?? restore.error
  return (
    <section aria-labelledby="sectors-title" className={classes.part}>
      <h2 id="sectors-title">{t('sectors.title')}</h2>
      {failure !== null && <Failure error={failure} />}
      {removed !== null && (
        <p className={classes.removed} role="status">
          {t('sectors.removed', { name: removed.name })}
          <Button
            variant="default"
            data-autofocus
            loading={restore.isPending}
            onClick={() => restore.mutate(removed.id)}
          >
            {t('sectors.restore')}
          </Button>
        </p>
      )}
      {view.sectors.length === 0 ? (
        <Empty icon={<IconMap2 size={36} stroke={1.4} aria-hidden />} title={t('sectors.none')}>
          {t('sectors.none.hint')}
        </Empty>
      ) : (
        <ul className={classes.list} aria-labelledby="sectors-title">
          {view.sectors.map((sector) => (
            <li key={sector.id} className={classes.row}>
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
                  loading={remove.isPending && remove.variables.id === sector.id}
                  onClick={() => {
                    restore.reset()
                    remove.mutate(sector)
                  }}
                >
                  {t('sectors.remove')}
                </Button>
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function Zones(props: { view: SectorsView; onDraw: (drawn: Drawn) => void }) {
  const { t } = useText()
  const reach = useReach(props.view)
  const whole = props.view.communes.map(({ code }) => code)
  if (props.view.zones.length === 0) return null
  return (
    <section aria-labelledby="zones-title" className={classes.part}>
      <h2 id="zones-title">{t('sectors.zones')}</h2>
      <p className={classes.about}>{t('sectors.zones.what')}</p>
      <ul className={classes.list} aria-labelledby="zones-title">
        {props.view.zones.map(({ agencyId, name, kind, communeCodes, version }) => (
          <li key={agencyId} className={classes.row}>
            <div>
              <b>{name}</b>
              <span className={classes.about}>
                {[
                  t(`sectors.${kind}`),
                  ...(communeCodes === null ? [t('sectors.whole')] : []),
                  reach(communeCodes ?? whole),
                ].join(' · ')}
              </span>
            </div>
            <div className={classes.actions}>
              <Button
                id={`draw-${agencyId}`}
                variant="default"
                aria-label={t('sectors.change.of', { name })}
                onClick={() =>
                  props.onDraw({ kind: 'zone', id: agencyId, name, codes: communeCodes ?? whole, version })
                }
              >
                {t('sectors.change')}
              </Button>
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}
