import { Button, Skeleton } from '@mantine/core'
import IconChartBar from '@tabler/icons-react/icons/IconChartBar'
import IconDownload from '@tabler/icons-react/icons/IconDownload'
import IconNotebook from '@tabler/icons-react/icons/IconNotebook'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { urlOf } from '../../api/client.ts'
import { useText } from '../../ui/format/text.ts'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { Page } from '../../ui/Page.tsx'
import { useRowKeys } from '../../ui/useRowKeys.ts'
import { useCurrent } from '../shell/current.tsx'
import { Entry } from './Entry.tsx'
import { type FilterChange, Filters } from './Filters.tsx'
import classes from './Journal.module.css'
import { reportsQuery } from './queries.ts'
import { Statistics } from './Statistics.tsx'
import type { JournalSearch } from './search.ts'

/** Lists every call with its decision; refused ones with the reason. */
export function JournalPage() {
  const { t } = useText()
  const { scheme } = useCurrent()
  const search = useSearch({ from: '/shell/journal' })
  const navigate = useNavigate()
  useRowKeys()
  const query = {
    state: search.etat,
    categoryCode: search.categorie,
    agencyId: search.service,
    refusalCode: search.motif,
    from: search.du,
    to: search.au,
    q: search.q,
    exercise: search.exercices === 'oui',
  }
  const reports = useInfiniteQuery(reportsQuery(scheme.id, query))
  const rows = reports.data?.pages.flatMap((page) => page.reports) ?? []
  const counts = reports.data?.pages[0]?.counts
  const filtered = Object.keys(search).some((key) => key !== 'statistiques')

  const filter = (change: FilterChange) => {
    const next = { ...search, ...change }
    void navigate({
      to: '/journal',
      search: Object.fromEntries(Object.entries(next).filter(([, value]) => value)) as JournalSearch,
      replace: true,
    })
  }
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
            href={urlOf('exportJournal', { params: { scheme: scheme.id }, query })}
            download
          >
            {t('journal.export')}
          </Button>
        </div>
      }
    >
      {search.statistiques === 'oui' && <Statistics schemeId={scheme.id} />}
      <Filters schemeId={scheme.id} search={search} counts={counts} onFilter={filter} />
      {reports.isError && <Failure error={reports.error} retry={() => void reports.refetch()} />}
      {reports.isPending && [0, 1, 2, 3].map((row) => <Skeleton key={row} height={72} radius="lg" />)}
      {reports.isSuccess && rows.length === 0 && (
        <NoCalls
          isFiltered={filtered}
          onReset={() =>
            void navigate({
              to: '/journal',
              search: search.statistiques === undefined ? {} : { statistiques: search.statistiques },
              replace: true,
            })
          }
        />
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

/** Says why the list is empty, and what to do. */
function NoCalls(props: { isFiltered: boolean; onReset: () => void }) {
  const { t } = useText()
  const { may } = useCurrent()
  const icon = <IconNotebook size={36} stroke={1.4} aria-hidden />
  if (props.isFiltered)
    return (
      <Empty icon={icon} title={t('filter.none')}>
        <Button variant="default" onClick={props.onReset}>
          {t('filter.reset')}
        </Button>
      </Empty>
    )
  return (
    <Empty icon={icon} title={t('journal.none')}>
      {t('journal.none.hint')}
      {may('report.create') && (
        <p>
          <Button component={Link} to="/salle" mt={12}>
            {t('action.toRoom')}
          </Button>
        </p>
      )}
    </Empty>
  )
}
