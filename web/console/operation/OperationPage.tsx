import { Skeleton, Table } from '@mantine/core'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { type Answer, callApi } from '../../api/client.ts'
import { countOf, whenOf } from '../../ui/format.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useMinute } from '../../ui/now.ts'
import { Page } from '../../ui/Page.tsx'
import { StateTag } from '../../ui/StateTag.tsx'
import { useText } from '../../ui/text.ts'
import classes from '../dues/Dues.module.css'
import own from './Operation.module.css'

type OperationView = Answer<'getOperation'>

const operationQuery = queryOptions({
  queryKey: ['installation', 'operation'],
  queryFn: ({ signal }) => callApi('getOperation', { signal }),
  refetchInterval: 60_000,
})

/** Shows the health, background jobs, backups and versions of the installation. */
export function OperationPage() {
  const { t } = useText()
  const operation = useQuery(operationQuery)
  return (
    <Page title={t('nav.operation')} lead={t('operation.lead')}>
      {operation.isError && <Failure error={operation.error} retry={() => void operation.refetch()} />}
      {operation.isPending && <Skeleton height={420} radius="lg" />}
      {operation.data !== undefined && (
        <>
          <Health findings={operation.data.findings} />
          <Jobs jobs={operation.data.jobs} />
          <Backups backups={operation.data.backups} />
          <Versions versions={operation.data.versions} />
        </>
      )}
    </Page>
  )
}

function Health({ findings }: Pick<OperationView, 'findings'>) {
  const { t } = useText()
  const fine = findings.filter(({ level }) => level === 'ok')
  const open = findings.filter(({ level }) => level !== 'ok')
  return (
    <section className={classes.panel} aria-labelledby="sante">
      <h2 id="sante">{t('operation.health')}</h2>
      {open.length === 0 && <p>{t('operation.nothing')}</p>}
      {open.length > 0 && (
        <ul className={classes.list}>
          {open.map(({ code, level, what, do: advice }) => (
            <li key={`${code}${what}`}>
              <span className={classes.line}>
                <StateTag tone={level === 'error' ? 'bad' : 'warn'}>
                  {t(level === 'error' ? 'operation.level.error' : 'operation.level.warning')}
                </StateTag>
                {what}
              </span>
              {advice !== '' && <small>{advice}</small>}
            </li>
          ))}
        </ul>
      )}
      <details className={own.fine}>
        <summary>{t('operation.fine', { count: fine.length })}</summary>
        <ul>
          {fine.map(({ code, what }) => (
            <li key={`${code}${what}`}>{what}</li>
          ))}
        </ul>
      </details>
    </section>
  )
}

function Jobs({ jobs }: Pick<OperationView, 'jobs'>) {
  const { t, lang } = useText()
  const now = useMinute()
  return (
    <section className={classes.panel} aria-labelledby="taches">
      <h2 id="taches">{t('operation.jobs')}</h2>
      <section
        className={classes.table}
        aria-label={t('operation.jobs.table')}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
      >
        <Table verticalSpacing={6} horizontalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('operation.queue')}</Table.Th>
              <Table.Th className={classes.amount ?? ''}>{t('operation.waiting')}</Table.Th>
              <Table.Th className={classes.amount ?? ''}>{t('operation.active')}</Table.Th>
              <Table.Th className={classes.amount ?? ''}>{t('operation.failed')}</Table.Th>
              <Table.Th>{t('operation.last')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {jobs.map(({ queue, waiting, active, failed, lastAt }) => (
              <Table.Tr key={queue}>
                <Table.Td>{queue}</Table.Td>
                <Table.Td className={classes.amount ?? ''}>{countOf(lang, waiting)}</Table.Td>
                <Table.Td className={classes.amount ?? ''}>{countOf(lang, active)}</Table.Td>
                <Table.Td className={classes.amount ?? ''}>
                  {failed > 0 ? <StateTag tone="warn">{countOf(lang, failed)}</StateTag> : '0'}
                </Table.Td>
                <Table.Td>{lastAt === null ? '–' : whenOf(lang, lastAt, now)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </section>
    </section>
  )
}

function Backups({ backups }: Pick<OperationView, 'backups'>) {
  const { t, lang } = useText()
  const now = useMinute()
  const made = backups?.made ?? null
  return (
    <section className={classes.panel} aria-labelledby="sauvegardes">
      <h2 id="sauvegardes">{t('operation.backups')}</h2>
      {backups === null && <p className={classes.about}>{t('operation.backups.off')}</p>}
      {backups !== null && made === null && (
        <p className={classes.about}>{t('operation.backups.unreadable')}</p>
      )}
      {backups !== null && made !== null && (
        <>
          <p>
            {t('operation.backups.rule', {
              hours: backups.hours,
              keep: backups.keep,
              when: whenOf(lang, made.nextAt, now),
            })}
          </p>
          {made.files.length === 0 && <p className={classes.about}>{t('operation.backups.none')}</p>}
          <ul className={classes.list}>
            {made.files.map(({ name, at, bytes }) => (
              <li key={name}>
                {name}
                <small>
                  {[
                    whenOf(lang, at, now),
                    t('operation.size', { megabytes: Math.round(bytes / 1e5) / 10 }),
                  ].join(' · ')}
                </small>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

function Versions({ versions }: Pick<OperationView, 'versions'>) {
  const { t } = useText()
  const rows = [
    [t('operation.version.program'), versions.program],
    [
      t('operation.version.postgres'),
      versions.embedded ? t('operation.version.embedded', { version: versions.postgres }) : versions.postgres,
    ],
    [t('operation.version.node'), versions.node],
    [t('operation.version.schema'), versions.schema],
  ] as const
  return (
    <section className={classes.panel} aria-labelledby="versions">
      <h2 id="versions">{t('operation.versions')}</h2>
      <ul className={classes.list}>
        {rows.map(([label, value]) => (
          <li key={label}>
            <small>{label}</small>
            {value}
          </li>
        ))}
      </ul>
    </section>
  )
}
