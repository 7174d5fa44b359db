import { Skeleton } from '@mantine/core'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { type Answer, callApi } from '../../api/client.ts'
import { whenOf } from '../../ui/format/format.ts'
import { useMinute } from '../../ui/format/now.ts'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import { Page } from '../../ui/Page.tsx'
import { StateTag } from '../../ui/StateTag.tsx'
import classes from '../dues/Dues.module.css'
import own from './Operation.module.css'

type OperationView = Answer<'getOperation'>
type Job = OperationView['jobs'][number]

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
      <details className={own.folded}>
        <summary>{t('operation.fine', { count: fine.length })}</summary>
        <ul className={own.quiet}>
          {fine.map(({ code, what }) => (
            <li key={`${code}${what}`}>{what}</li>
          ))}
        </ul>
      </details>
    </section>
  )
}

/** Shows the jobs that wait, run or failed, and folds the others, which are most of them on a good day. */
function Jobs({ jobs }: Pick<OperationView, 'jobs'>) {
  const { t, lang } = useText()
  const now = useMinute()
  const isQuiet = ({ waiting, active, failed }: Job) => waiting + active + failed === 0
  const quiet = jobs.filter(isQuiet)
  const open = jobs.filter((job) => !isQuiet(job))
  const last = ({ lastAt }: Job) =>
    lastAt === null ? t('operation.last.none') : t('operation.last', { when: whenOf(lang, lastAt, now) })
  return (
    <section className={classes.panel} aria-labelledby="taches">
      <h2 id="taches">{t('operation.jobs')}</h2>
      {open.length === 0 && <p>{t('operation.jobs.none')}</p>}
      {open.length > 0 && (
        <ul className={classes.list}>
          {open.map((job) => (
            <li key={job.queue}>
              <span className={classes.line}>
                {job.name}
                {job.failed > 0 && (
                  <StateTag tone="bad">{t('operation.failed', { count: job.failed })}</StateTag>
                )}
                {job.waiting > 0 && (
                  <StateTag tone="warn">{t('operation.waiting', { count: job.waiting })}</StateTag>
                )}
                {job.active > 0 && (
                  <StateTag tone="live">{t('operation.active', { count: job.active })}</StateTag>
                )}
              </span>
              <small>
                {job.queue} · {last(job)}
              </small>
            </li>
          ))}
        </ul>
      )}
      {quiet.length > 0 && (
        <details className={own.folded}>
          <summary>{t('operation.jobs.quiet', { count: quiet.length })}</summary>
          <ul className={own.quiet}>
            {quiet.map((job) => (
              <li key={job.queue}>
                {job.name}
                <small>
                  {job.queue} · {last(job)}
                </small>
              </li>
            ))}
          </ul>
        </details>
      )}
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
      <dl className={own.versions}>
        {rows.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
