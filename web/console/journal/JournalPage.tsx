import { Button, SegmentedControl, Select, Skeleton, Switch } from '@mantine/core'
import IconChartBar from '@tabler/icons-react/icons/IconChartBar'
import IconDownload from '@tabler/icons-react/icons/IconDownload'
import IconNotebook from '@tabler/icons-react/icons/IconNotebook'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import type { ReportView } from '../../../src/reports/contract.ts'
import { urlOf } from '../../api/client.ts'
import { type AlertState, type ReportState, reportsQuery, schemeQuery } from '../../api/queries.ts'
import { DayRange } from '../../ui/DayRange.tsx'
import { ExerciseTag } from '../../ui/Exercise.tsx'
import { communeNameOf, countOf, momentOf, spanOf } from '../../ui/format.ts'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { useMinute } from '../../ui/now.ts'
import { Page } from '../../ui/Page.tsx'
import { SearchField } from '../../ui/SearchField.tsx'
import { StateTag, type Tone } from '../../ui/StateTag.tsx'
import { CategoryName } from '../../ui/severity.tsx'
import { labelOf, useText } from '../../ui/text.ts'
import { useRowKeys } from '../../ui/useRowKeys.ts'
import { AlertStateTag } from '../alerts/state.tsx'
import { useCurrent } from '../shell/current.tsx'
import classes from './Journal.module.css'
import { Statistics } from './Statistics.tsx'
import { type JournalSearch, refusalReasons, reportStates } from './search.ts'

const tones: Record<ReportState, Tone> = { waiting: 'warn', broadcast: 'done', refused: 'neutral' }

/** Lists every call with its decision; refused ones with the reason. */
export function JournalPage() {
  const { t, lang } = useText()
  const { scheme, may } = useCurrent()
  const search = useSearch({ from: '/shell/journal' })
  const navigate = useNavigate()
  useRowKeys()
  const { categories = [], agencies = [] } = useQuery(schemeQuery(scheme.id)).data ?? {}
  const asked = {
    state: search.etat,
    categoryCode: search.categorie,
    agencyId: search.service,
    refusalCode: search.motif,
    from: search.du,
    to: search.au,
    q: search.q,
    exercise: search.exercices === 'oui',
  }
  const reports = useInfiniteQuery(reportsQuery(scheme.id, asked))
  const rows = reports.data?.pages.flatMap((page) => page.reports) ?? []
  const counts = reports.data?.pages[0]?.counts
  const filtered = Object.keys(search).some((key) => key !== 'statistiques')

  const filter = (change: { [key in keyof JournalSearch]?: JournalSearch[key] | undefined }) => {
    const next = { ...search, ...change }
    void navigate({
      to: '/journal',
      search: Object.fromEntries(Object.entries(next).filter(([, value]) => value)) as JournalSearch,
      replace: true,
    })
  }
  const withCount = (label: string, count: number | undefined) =>
    count === undefined ? label : `${label} ${countOf(lang, count)}`

  return (
    <Page
      title={t('nav.journal')}
      lead={t('journal.lead')}
      aside={
        <div className={classes.aside}>
          <Button
            variant="default"
            leftSection={<IconChartBar size={16} aria-hidden />}
            aria-expanded={search.statistiques === 'oui'}
            onClick={() => filter({ statistiques: search.statistiques === 'oui' ? undefined : 'oui' })}
          >
            {t('journal.statistics')}
          </Button>
          <Button
            component="a"
            variant="default"
            leftSection={<IconDownload size={16} aria-hidden />}
            href={urlOf('exportJournal', { params: { scheme: scheme.id }, query: asked })}
            download
          >
            {t('journal.export')}
          </Button>
        </div>
      }
    >
      {search.statistiques === 'oui' && <Statistics schemeId={scheme.id} />}
      <div className={classes.filters}>
        <SegmentedControl
          className={classes.states ?? ''}
          aria-label={t('journal.state')}
          value={search.etat ?? 'all'}
          onChange={(value) =>
            filter({
              etat: reportStates.find((state) => state === value),
              ...(value !== 'refused' && { motif: undefined }),
            })
          }
          data={[
            { value: 'all', label: t('filter.all') },
            ...reportStates.map((state) => ({
              value: state,
              label: withCount(t(`journal.state.${state}`), counts?.[state]),
            })),
          ]}
        />
        <Select
          className={classes.choice ?? ''}
          aria-label={t('journal.category')}
          placeholder={t('journal.category')}
          value={search.categorie ?? null}
          onChange={(value) => filter({ categorie: value ?? undefined })}
          data={categories.map((category) => ({ value: category.code, label: labelOf(lang, category) }))}
          clearable
          clearButtonProps={{ 'aria-label': t('filter.clear') }}
        />
        {agencies.length > 1 && (
          <Select
            className={classes.choice ?? ''}
            aria-label={t('journal.agency')}
            placeholder={t('journal.agency')}
            value={search.service ?? null}
            onChange={(value) => filter({ service: value ?? undefined })}
            data={agencies
              .filter(({ kind }) => kind === 'police' || kind === 'gendarmerie')
              .map(({ id, name }) => ({ value: id, label: name }))}
            clearable
            clearButtonProps={{ 'aria-label': t('filter.clear') }}
          />
        )}
        <Select
          className={classes.choice ?? ''}
          aria-label={t('journal.reason')}
          placeholder={t('journal.reason')}
          value={search.motif ?? null}
          onChange={(value) => {
            const motif = refusalReasons.find((reason) => reason === value)
            filter({ motif, ...(motif && { etat: 'refused' }) })
          }}
          data={refusalReasons.map((reason) => ({ value: reason, label: t(`refusal.${reason}`) }))}
          clearable
          clearButtonProps={{ 'aria-label': t('filter.clear') }}
        />
        <DayRange from={search.du} to={search.au} onChange={({ from, to }) => filter({ du: from, au: to })} />
        <Switch
          className={classes.exercises ?? ''}
          label={t('journal.exercises')}
          checked={search.exercices === 'oui'}
          onChange={(event) => filter({ exercices: event.currentTarget.checked ? 'oui' : undefined })}
        />
        <SearchField
          label={t('journal.search')}
          value={search.q ?? ''}
          onSearch={(q) => filter({ q })}
          className={classes.search ?? ''}
        />
      </div>
      {reports.isError && <Failure error={reports.error} retry={() => void reports.refetch()} />}
      {reports.isPending && [0, 1, 2, 3].map((row) => <Skeleton key={row} height={72} radius="lg" />)}
      {reports.isSuccess && rows.length === 0 && (
        <Empty
          icon={<IconNotebook size={36} stroke={1.4} aria-hidden />}
          title={filtered ? t('filter.none') : t('journal.none')}
        >
          {filtered ? (
            <Button
              variant="default"
              onClick={() =>
                void navigate({
                  to: '/journal',
                  search: search.statistiques === undefined ? {} : { statistiques: search.statistiques },
                  replace: true,
                })
              }
            >
              {t('filter.reset')}
            </Button>
          ) : may('report.create') ? (
            <>
              {t('journal.none.hint')}{' '}
              <p>
                <Button component={Link} to="/salle" mt={12}>
                  {t('action.toRoom')}
                </Button>
              </p>
            </>
          ) : (
            t('journal.none.hint')
          )}
        </Empty>
      )}
      {rows.length > 0 && (
        <ul className={classes.rows} aria-busy={reports.isPlaceholderData}>
          {rows.map((report) => (
            <li key={report.id}>
              <Entry report={report} />
            </li>
          ))}
        </ul>
      )}
      {reports.hasNextPage && (
        <Button
          variant="default"
          className={classes.more ?? ''}
          loading={reports.isFetchingNextPage}
          onClick={() => void reports.fetchNextPage()}
        >
          {t('action.more')}
        </Button>
      )}
    </Page>
  )
}

function Entry(props: { report: ReportView }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { report } = props
  const agency = report.agency?.name
  const caller = [report.caller?.member?.name, report.caller?.name, report.caller?.phone]
    .filter(Boolean)
    .join(' · ')
  return (
    <article
      className={classes.entry}
      {...((report.alert === null || report.state === 'refused') && { 'data-row': report.id, tabIndex: -1 })}
    >
      <time dateTime={report.calledAt} className={classes.time}>
        {momentOf(lang, report.calledAt, now)}
      </time>
      <div className={classes.what}>
        <h2>
          <CategoryName category={report.category} />
          <span className={classes.where}>
            {[communeNameOf(report.commune), report.place].filter(Boolean).join(', ')}
          </span>
          {report.exercise && <ExerciseTag />}
          {report.called17 !== null && (
            <StateTag tone="open">{t(report.called17 ? 'room.portal.called' : 'room.portal')}</StateTag>
          )}
        </h2>
        {report.facts !== null && <p>{report.facts}</p>}
        <p className={classes.mute}>
          {[
            caller === '' ? null : t('journal.caller', { who: caller }),
            t('journal.by', { who: report.createdBy }),
            agency === undefined || report.createdBy.includes(agency) ? null : agency,
            report.relay !== null
              ? t('relay.origin', { scheme: report.relay.scheme, reference: report.relay.reference })
              : report.lateReason === null
                ? null
                : t('journal.late', { reason: report.lateReason }),
          ]
            .filter(Boolean)
            .join(' · ')}
        </p>
      </div>
      <div className={classes.decision}>
        <Outcome report={report} />
        {report.rejection !== null && report.rejection.alertId !== report.alert?.id && (
          <span className={classes.reason}>
            <Link to="/alertes/$alertId" params={{ alertId: report.rejection.alertId }}>
              {t('journal.rejected', { reference: report.rejection.reference })}
            </Link>
            <small>
              {t('journal.rejected.why', { who: report.rejection.by, reason: report.rejection.reason })}
            </small>
          </span>
        )}
        {report.refusal !== null && (
          <span className={classes.reason}>
            {t(`refusal.${report.refusal.code}`)}
            {report.refusal.note !== null && <small>{report.refusal.note}</small>}
          </span>
        )}
        {report.answer !== null && (
          <details className={classes.answer} data-failed={report.answer.state === 'failed' || undefined}>
            <summary>
              {t(`journal.answer.${report.answer.state}`)}
              {report.answer.at !== null && `, ${momentOf(lang, report.answer.at, now)}`}
            </summary>
            <p>{report.answer.text}</p>
          </details>
        )}
        {report.decidedBy !== null && report.decidedAt !== null && (
          <small>
            {t('journal.decided', { who: report.decidedBy, time: momentOf(lang, report.decidedAt, now) })}
          </small>
        )}
      </div>
    </article>
  )
}

/** Shows the result of a call: pending, a refusal, or an alert with its state and who decided on it. */
function Outcome(props: { report: ReportView }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { id, state, alert, calledAt } = props.report
  if (alert === null || state === 'refused')
    return <StateTag tone={tones[state]}>{t(`journal.tag.${state}`)}</StateTag>
  return (
    <>
      <span className={classes.alert}>
        {state === 'broadcast' && <StateTag tone={tones.broadcast}>{t('journal.tag.broadcast')}</StateTag>}
        <AlertStateTag state={alert.state as AlertState} />
        <Link data-row={id} to="/alertes/$alertId" params={{ alertId: alert.id }}>
          {alert.reference}
        </Link>
      </span>
      {alert.orderedAt !== null && (
        <small>
          {t('journal.delay', {
            span: spanOf(lang, Math.max(0, Date.parse(alert.orderedAt) - Date.parse(calledAt))),
          })}
        </small>
      )}
      {alert.answer !== null && (
        <>
          {alert.answer.reason !== null && <span className={classes.reason}>{alert.answer.reason}</span>}
          <small>
            {t('journal.decided', { who: alert.answer.by, time: momentOf(lang, alert.answer.at, now) })}
          </small>
        </>
      )}
    </>
  )
}
