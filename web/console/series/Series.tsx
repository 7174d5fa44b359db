import { ActionIcon, Button, TextInput, UnstyledButton } from '@mantine/core'
import IconPencil from '@tabler/icons-react/icons/IconPencil'
import IconX from '@tabler/icons-react/icons/IconX'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { SeriesView } from '../../../src/reports/series/contract.ts'
import { callApi } from '../../api/client.ts'
import { momentOf } from '../../ui/format/format.ts'
import { useMinute } from '../../ui/format/now.ts'
import { useText } from '../../ui/format/text.ts'
import { RowHead, rowClass } from '../../ui/RowHead.tsx'
import { toast } from '../../ui/toasts/toast.ts'
import { takenBy } from '../relays/AlertRelays.tsx'
import { neighboursQuery, relaysQuery } from '../relays/queries.ts'
import { RelayModal } from '../relays/RelayModal.tsx'
import { useCurrent } from '../shell/current.tsx'
import { lastAlertOf, nameOf, reasonsOf } from './common.ts'
import { Incident } from './Incident.tsx'
import classes from './Series.module.css'
import type { SeriesAct } from './SeriesPage.tsx'

/** Shows a series: its common features, and once it is opened its incidents in time, and neighbouring schemes worth notifying. */
export function Series(props: {
  series: SeriesView
  busy: boolean
  isFirst: boolean
  /** Null if the user may not change it. */
  act: ((act: SeriesAct) => Promise<void>) | null
}) {
  const { t, lang } = useText()
  const now = useMinute()
  const { scheme } = useCurrent()
  const { series, act } = props
  const params = { scheme: scheme.id, id: series.id }
  const [naming, setNaming] = useState(false)
  const [isOpen, setOpen] = useState(props.isFirst)
  const name = nameOf(lang, series)
  return (
    <article className={`${classes.card} ${rowClass}`}>
      {naming && act !== null ? (
        <form
          className={classes.naming}
          onSubmit={(event) => {
            event.preventDefault()
            const title = String(new FormData(event.currentTarget).get('title') ?? '')
            void act(() => callApi('renameSeries', { params, body: { title } })).then(
              () => setNaming(false),
              () => {},
            )
          }}
        >
          <TextInput
            name="title"
            aria-label={t('series.title')}
            placeholder={nameOf(lang, { ...series, title: null })}
            defaultValue={series.title ?? ''}
            maxLength={120}
            data-autofocus
            autoFocus
          />
          <Button variant="subtle" onClick={() => setNaming(false)}>
            {t('confirm.back')}
          </Button>
          <Button type="submit" loading={props.busy}>
            {t('series.title.keep')}
          </Button>
        </form>
      ) : (
        <h3>
          <RowHead id={series.id} isOpen={isOpen} onToggle={() => setOpen(!isOpen)}>
            {name}
          </RowHead>
          {isOpen && act !== null && (
            <ActionIcon
              variant="subtle"
              size={32}
              aria-label={t('series.rename', { series: name })}
              onClick={() => setNaming(true)}
            >
              <IconPencil size={16} aria-hidden />
            </ActionIcon>
          )}
        </h3>
      )}
      <ul className={classes.why} aria-label={t('series.why')}>
        {reasonsOf(t, lang, series.common).map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
      {isOpen ? (
        <Incidents series={series} busy={props.busy} act={act} />
      ) : (
        <p className={classes.mute}>
          {t('series.closed', {
            count: series.reports.length,
            when: momentOf(lang, series.reports.at(-1)?.occurredAt ?? series.createdAt, now),
          })}
        </p>
      )}
    </article>
  )
}

/** Lists the incidents of a series, each of which can be taken out, and what was made of them. */
function Incidents({ series, busy, act }: Pick<Parameters<typeof Series>[0], 'series' | 'busy' | 'act'>) {
  const { t, lang } = useText()
  const now = useMinute()
  const { scheme } = useCurrent()
  const params = { scheme: scheme.id, id: series.id }
  return (
    <>
      <ol className={classes.incidents}>
        {series.reports.map((report) => (
          <Incident
            key={report.id}
            report={report}
            after={
              act !== null && (
                <ActionIcon
                  variant="subtle"
                  size={32}
                  className={classes.remove ?? ''}
                  disabled={busy}
                  aria-label={t('series.unlink', { place: report.commune.name })}
                  onClick={() =>
                    void act(() =>
                      callApi('removeFromSeries', { params, body: { reportIds: [report.id] } }),
                    ).then(
                      () => {
                        // A series with a single report cannot be restored by adding the removed one again.
                        const undo = () =>
                          void act(() =>
                            callApi('addToSeries', { params, body: { reportIds: [report.id] } }),
                          ).catch(() => {})
                        void toast(
                          t('series.unlinked', { place: report.commune.name }),
                          series.reports.length > 1 ? undo : undefined,
                        )
                      },
                      () => {},
                    )
                  }
                >
                  <IconX size={16} aria-hidden />
                </ActionIcon>
              )
            }
          />
        ))}
      </ol>
      <Neighbours series={series} />
      <small className={classes.mute}>
        {t('series.made', { who: series.createdBy, time: momentOf(lang, series.createdAt, now) })}
      </small>
    </>
  )
}

/** Lists the schemes near its incidents, to which its last alert can be relayed. */
function Neighbours(props: { series: SeriesView }) {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  const { series } = props
  const communes = [...new Set(series.reports.map(({ commune }) => commune.code))]
  const near = (useQuery(neighboursQuery(scheme.id, communes)).data ?? []).filter((one) => one.near)
  const alert = lastAlertOf(series)
  const relays = useQuery({
    ...relaysQuery(scheme.id, alert === null ? {} : { alertId: alert.id }),
    enabled: alert !== null,
  }).data
  const [telling, setTelling] = useState<string | null>(null)
  if (near.length === 0 || !may('relay.propose')) return null
  const taken = relays === undefined ? [] : takenBy(relays)
  return (
    <div className={classes.near}>
      <b>{t('series.near')}</b>
      <ul>
        {near.map((one) => (
          <li key={one.id}>
            {t('series.near.one', { scheme: one.name, kilometres: one.kilometres ?? 0 })}{' '}
            {taken.includes(one.id) ? (
              <span className={classes.notified}>{t('series.near.notified')}</span>
            ) : alert === null ? null : (
              <UnstyledButton className={classes.tell} onClick={() => setTelling(one.id)}>
                {t('series.near.tell', { reference: alert.reference })}
              </UnstyledButton>
            )}
          </li>
        ))}
      </ul>
      {alert === null && <small>{t('series.near.none')}</small>}
      {telling !== null && alert !== null && (
        <RelayModal
          schemeId={scheme.id}
          alert={alert}
          communes={communes}
          taken={taken}
          chosen={[telling]}
          onClose={() => setTelling(null)}
        />
      )}
    </div>
  )
}
