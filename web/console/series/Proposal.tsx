import { Button, Checkbox } from '@mantine/core'
import { useState } from 'react'
import type { SeriesProposal, SeriesView } from '../../../src/reports/series/contract.ts'
import { callApi } from '../../api/client.ts'
import { newId } from '../../api/ids.ts'
import { useText } from '../../ui/format/text.ts'
import { toast } from '../../ui/toasts/toast.ts'
import { useCurrent } from '../shell/current.tsx'
import { nameOf, pairsOf, reasonsOf } from './common.ts'
import { Incident } from './Incident.tsx'
import classes from './Series.module.css'
import type { SeriesAct } from './SeriesPage.tsx'

/** Shows incidents that look alike: to be linked, in part or in whole, or marked as unrelated, which can be undone. */
export function Proposal(props: {
  proposal: SeriesProposal
  /** The series they would be added to. */
  series: SeriesView | undefined
  busy: boolean
  /** Null if the user may not change it. */
  act: ((act: SeriesAct) => Promise<void>) | null
}) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const { proposal, series, act } = props
  const [seriesId, setSeriesId] = useState(newId)
  const [left, setLeft] = useState<readonly string[]>([])
  const ids = proposal.reports.map(({ id }) => id)
  const kept = ids.filter((id) => !left.includes(id))
  const link = () =>
    act?.(() =>
      series === undefined
        ? callApi('createSeries', { params: { scheme: scheme.id }, body: { id: seriesId, reportIds: kept } })
        : callApi('addToSeries', { params: { scheme: scheme.id, id: series.id }, body: { reportIds: kept } }),
    ).then(
      () => {
        setSeriesId(newId)
        void toast(t('series.linked', { count: kept.length }))
      },
      () => {},
    )
  const apart = () =>
    act?.(() =>
      callApi('setReportsApart', {
        params: { scheme: scheme.id },
        body: { reportIds: ids, seriesId: proposal.seriesId },
      }),
    ).then(
      () => {
        // The card has been removed.
        document.getElementById('contenu')?.focus({ preventScroll: true })
        const others = series?.reports.map(({ id }) => id) ?? null
        void toast(t('series.apart.done'), () =>
          act(() =>
            callApi('revertReportsApart', {
              params: { scheme: scheme.id },
              body: { pairs: pairsOf(ids, others) },
            }),
          ).catch(() => {}),
        )
      },
      () => {},
    )
  const row = proposal.reports.map(({ id }) => id).join(' ')
  return (
    <article className={classes.card} data-proposed {...(act === null && { 'data-row': row, tabIndex: -1 })}>
      <h3>
        {series === undefined ? nameOf(lang, proposal) : t('series.adds', { series: nameOf(lang, series) })}
      </h3>
      <ul className={classes.why} aria-label={t('series.why')}>
        {reasonsOf(t, lang, proposal.common).map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
      <ol className={classes.incidents}>
        {proposal.reports.map((report) => (
          <Incident
            key={report.id}
            report={report}
            before={
              act !== null &&
              ids.length > (series === undefined ? 2 : 1) && (
                <Checkbox
                  aria-label={t('series.keep', { place: report.commune.name })}
                  checked={!left.includes(report.id)}
                  onChange={(event) =>
                    setLeft(
                      event.currentTarget.checked
                        ? left.filter((id) => id !== report.id)
                        : [...left, report.id],
                    )
                  }
                />
              )
            }
          />
        ))}
      </ol>
      {act !== null && (
        <div className={classes.buttons}>
          <Button
            data-row={row}
            disabled={props.busy || kept.length < (series === undefined ? 2 : 1)}
            onClick={() => void link()}
          >
            {series === undefined ? t('series.link') : t('series.add', { count: kept.length })}
          </Button>
          <Button variant="default" disabled={props.busy} onClick={() => void apart()}>
            {t('series.apart')}
          </Button>
        </div>
      )}
    </article>
  )
}
