import { Button } from '@mantine/core'
import type { SetApart } from '../../../src/reports/series/contract.ts'
import { callApi } from '../../api/client.ts'
import { momentOf } from '../../ui/format/format.ts'
import { useMinute } from '../../ui/format/now.ts'
import { useText } from '../../ui/format/text.ts'
import { useCurrent } from '../shell/current.tsx'
import { nameOf } from './common.ts'
import { Incident } from './Incident.tsx'
import classes from './Series.module.css'
import type { SeriesAct } from './SeriesPage.tsx'

/** Lists the reports that a user marked as unrelated, each of which can be undone. */
export function Apart(props: {
  /** Latest first; not empty. */
  apart: readonly SetApart[]
  busy: boolean
  /** Null if the user may not change it. */
  act: ((act: SeriesAct) => Promise<void>) | null
}) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const now = useMinute()
  const { apart, act } = props
  return (
    <details className={classes.apart}>
      <summary>{t('series.apart.list', { count: apart.length })}</summary>
      <p className={classes.mute}>{t('series.apart.lead')}</p>
      <ul>
        {apart.map((one) => (
          <li key={one.pairs.flat().join(' ')} className={classes.card}>
            <b>{nameOf(lang, one)}</b>
            <ol className={classes.incidents}>
              {one.reports.map((report) => (
                <Incident key={report.id} report={report} />
              ))}
            </ol>
            <div className={classes.putBack}>
              <small className={classes.mute}>
                {t('series.apart.by', { who: one.saidBy, time: momentOf(lang, one.saidAt, now) })}
              </small>
              {act !== null && (
                <Button
                  variant="default"
                  size="compact-sm"
                  className={classes.back ?? ''}
                  disabled={props.busy}
                  aria-label={t('series.together.of', { incidents: nameOf(lang, one) })}
                  onClick={() =>
                    void act(() =>
                      callApi('revertReportsApart', {
                        params: { scheme: scheme.id },
                        body: { pairs: one.pairs },
                      }),
                    ).then(
                      () => document.getElementById('contenu')?.focus({ preventScroll: true }),
                      () => {},
                    )
                  }
                >
                  {t('series.together')}
                </Button>
              )}
            </div>
          </li>
        ))}
      </ul>
    </details>
  )
}
