import { Button, Select, Skeleton } from '@mantine/core'
import IconDownload from '@tabler/icons-react/icons/IconDownload'
import IconListDetails from '@tabler/icons-react/icons/IconListDetails'
import { infiniteQueryOptions, queryOptions, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import type { AuditPage as AuditEntries, AuditEntryView, ChainView } from '../../../src/audit/contract.ts'
import { AUDIT_ACTIONS, type AuditAction, INSTALLATION_ACTIONS } from '../../../src/audit/list.ts'
import { callApi, urlOf } from '../../api/client.ts'
import { useAction } from '../../api/useAction.ts'
import { DayRange } from '../../ui/fields/days/DayRange.tsx'
import { momentOf, whenOf } from '../../ui/format/format.ts'
import { useMinute } from '../../ui/format/now.ts'
import { useText } from '../../ui/format/text.ts'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { Page } from '../../ui/Page.tsx'
import { StateTag } from '../../ui/StateTag.tsx'
import { useRowKeys } from '../../ui/useRowKeys.ts'
import { BesideSettings } from '../settings/SettingsList.tsx'
import { useCurrent } from '../shell/current.tsx'
import classes from './Audit.module.css'
import type { AuditSearch } from './search.ts'

/** The texts and requests of one log: that of a scheme, or of the installation. */
interface Log<Action extends AuditAction> {
  /** Part of the keys of its queries. */
  key: string
  to: '/audit' | '/audit-installation'
  title: string
  lead: string
  actions: readonly Action[]
  list: (query: Filter<Action> & { before: number | undefined }, signal: AbortSignal) => Promise<AuditEntries>
  fileUrl: (filter: Filter<Action>) => string
  readChain: (signal: AbortSignal) => Promise<ChainView>
  checkChain: () => Promise<ChainView>
}

interface Filter<Action> {
  action: Action | undefined
  actor: string | undefined
  from: string | undefined
  to: string | undefined
}

const logQuery = <Action extends AuditAction>(log: Log<Action>, filter: Filter<Action>) =>
  infiniteQueryOptions({
    queryKey: ['audit', log.key, filter],
    queryFn: ({ signal, pageParam }) => log.list({ ...filter, before: pageParam ?? undefined }, signal),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
  })

const chainQuery = (log: Pick<Log<AuditAction>, 'key' | 'readChain'>) =>
  queryOptions({
    queryKey: ['audit-chain', log.key],
    queryFn: ({ signal }) => log.readChain(signal),
    staleTime: 5 * 60_000,
  })

/** Lists who did what in the scheme, and verifies that the log was not tampered with. */
export function AuditPage() {
  const { t } = useText()
  const params = { scheme: useCurrent().scheme.id }
  return (
    <BesideSettings shown="/audit">
      <LogPage
        search={useSearch({ from: '/shell/audit' })}
        log={{
          key: params.scheme,
          to: '/audit',
          title: t('nav.audit'),
          lead: t('audit.lead'),
          actions: AUDIT_ACTIONS,
          list: (query, signal) => callApi('listAudit', { params, query, signal }),
          fileUrl: (query) => urlOf('exportAudit', { params, query }),
          readChain: (signal) => callApi('getAuditChain', { params, signal }),
          checkChain: () => callApi('checkAuditChain', { params }),
        }}
      />
    </BesideSettings>
  )
}

/** Shows the log of what belongs to no scheme, to the administrator of the platform. */
export function InstallationAuditPage() {
  const { t } = useText()
  return (
    <LogPage
      search={useSearch({ from: '/shell/audit-installation' })}
      log={{
        key: '',
        to: '/audit-installation',
        title: t('nav.installationAudit'),
        lead: t('audit.installation.lead'),
        actions: INSTALLATION_ACTIONS,
        list: (query, signal) => callApi('listInstallationAudit', { query, signal }),
        fileUrl: (query) => urlOf('exportInstallationAudit', { query }),
        readChain: (signal) => callApi('getInstallationChain', { signal }),
        checkChain: () => callApi('checkInstallationChain'),
      }}
    />
  )
}

function LogPage<Action extends AuditAction>(props: { log: Log<Action>; search: AuditSearch }) {
  const { t } = useText()
  const { log, search } = props
  const navigate = useNavigate()
  useRowKeys()
  const action = log.actions.find((one) => one === search.acte)
  const query = { action, actor: search.auteur, from: search.du, to: search.au }
  const record = useInfiniteQuery(logQuery(log, query))
  const entries = record.data?.pages.flatMap((page) => page.entries) ?? []
  const accounts = record.data?.pages[0]?.actors ?? []
  const filter = (change: { [key in keyof AuditSearch]?: AuditSearch[key] | undefined }) => {
    const next = { ...search, ...change }
    void navigate({
      to: log.to,
      search: Object.fromEntries(Object.entries(next).filter(([, value]) => value)) as AuditSearch,
      replace: true,
    })
  }
  const names = useNames(log.actions)
  return (
    <Page
      title={log.title}
      lead={log.lead}
      aside={
        <Button
          component="a"
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden />}
          href={log.fileUrl(query)}
          download
        >
          {t('audit.export')}
        </Button>
      }
    >
      <Chain log={log} />
      <div className={classes.filters}>
        <Select
          className={classes.choice ?? ''}
          aria-label={t('audit.action')}
          placeholder={t('audit.action')}
          value={action ?? null}
          onChange={(value) => filter({ acte: value ?? undefined })}
          data={names}
          searchable
          clearable
          clearButtonProps={{ 'aria-label': t('filter.clear') }}
        />
        <Select
          className={classes.choice ?? ''}
          aria-label={t('audit.actor')}
          placeholder={t('audit.actor')}
          value={search.auteur ?? null}
          onChange={(value) => filter({ auteur: value ?? undefined })}
          data={[
            ...accounts.map(({ id, name }) => ({ value: id, label: name })),
            { value: 'contact', label: t('audit.actor.contact') },
            { value: 'system', label: t('audit.actor.system') },
          ]}
          clearable
          clearButtonProps={{ 'aria-label': t('filter.clear') }}
        />
        <DayRange
          labels={{ from: t('audit.from'), to: t('audit.to') }}
          from={search.du}
          to={search.au}
          onChange={({ from, to }) => filter({ du: from, au: to })}
        />
      </div>
      {record.isError && <Failure error={record.error} retry={() => void record.refetch()} />}
      {record.isPending && [0, 1, 2, 3].map((row) => <Skeleton key={row} height={56} radius="lg" />)}
      {record.isSuccess && entries.length === 0 && (
        <Empty icon={<IconListDetails size={36} stroke={1.4} aria-hidden />} title={t('audit.none')}>
          {t('audit.none.hint')}
        </Empty>
      )}
      {entries.length > 0 && (
        <ol className={classes.rows} aria-label={log.title} aria-busy={record.isRefetching}>
          {entries.map((entry) => (
            <Entry key={entry.seq} entry={entry} />
          ))}
        </ol>
      )}
      {record.hasNextPage && (
        <Button
          variant="default"
          className={classes.more ?? ''}
          loading={record.isFetchingNextPage}
          onClick={() => void record.fetchNextPage()}
        >
          {t('audit.more')}
        </Button>
      )}
    </Page>
  )
}

/** Shows whether any entry was changed, removed or added outside the program. */
function Chain({ log }: { log: Pick<Log<AuditAction>, 'key' | 'readChain' | 'checkChain'> }) {
  const { t, lang } = useText()
  const now = useMinute()
  const query = chainQuery(log)
  const chain = useQuery(query)
  const check = useAction(log.checkChain, { stores: query.queryKey })
  if (chain.isLoadingError) return <Failure error={chain.error} retry={() => void chain.refetch()} />
  if (chain.isPending) return <p role="status">{t('audit.checking')}</p>
  const { entries, entriesNow, broken, checkedAt, anchoredAt, anchorProblems, facts } = chain.data
  return (
    <>
      <div className={classes.chain}>
        <p className={classes.chain} role="status">
          {check.isPending ? (
            t('audit.checking')
          ) : (
            <>
              <StateTag tone={broken === null ? 'done' : 'bad'}>
                {broken === null
                  ? t('audit.whole', { count: entries })
                  : t('audit.broken', { seq: broken.seq })}
              </StateTag>
              <span className={classes.mute}>
                {t('audit.checked', {
                  when: whenOf(lang, checkedAt, now),
                  since: broken === null ? Math.max(0, entriesNow - entries) : 0,
                })}
              </span>
              {anchorProblems > 0 ? (
                <StateTag tone="bad">{t('audit.anchors.wrong', { count: anchorProblems })}</StateTag>
              ) : (
                anchoredAt !== null && (
                  <span className={classes.mute}>
                    {t('audit.anchored', { when: whenOf(lang, anchoredAt, now) })}
                  </span>
                )
              )}
              {facts.length > 0 && (
                <StateTag tone="bad">{t('audit.facts.altered', { count: facts.length })}</StateTag>
              )}
              {(broken !== null || anchorProblems > 0 || facts.length > 0) && (
                <span>{t('audit.broken.hint')}</span>
              )}
            </>
          )}
        </p>
        <Button variant="default" size="compact-sm" loading={check.isPending} onClick={() => check.mutate()}>
          {t('audit.check')}
        </Button>
      </div>
      {check.isError && <Failure error={check.error} retry={() => check.mutate()} />}
    </>
  )
}

function Entry({ entry }: { entry: AuditEntryView }) {
  const { t, lang } = useText()
  const { may } = useCurrent()
  const now = useMinute()
  const [kind = '', id = ''] = entry.subject.split(':')
  const details = Object.entries(entry.details)
  const hasDetails = (details.length > 0 || kind !== '') && !entry.hidden
  const known = [...AUDIT_ACTIONS, ...INSTALLATION_ACTIONS].find((one) => one === entry.action)
  return (
    <li className={classes.entry} {...(!hasDetails && { 'data-row': entry.seq, tabIndex: -1 })}>
      <span className={classes.when}>
        <time dateTime={entry.at}>{momentOf(lang, entry.at, now)}</time>
        <span className={classes.mute}>{t('audit.no', { seq: entry.seq })}</span>
      </span>
      <div className={classes.what}>
        <b>{known === undefined ? entry.action : t(`audit.action.${named(known)}`)}</b>
        <span>
          {entry.actor.kind === 'user'
            ? (entry.actor.name ?? t('audit.actor.gone'))
            : t(`audit.actor.${entry.actor.kind}`)}
          {entry.of !== null && ` · ${t('audit.of', { name: entry.of })}`}
          {entry.network !== null && (
            <span className={classes.mute}> · {t('audit.network', { network: entry.network })}</span>
          )}
          {kind === 'alert' && may('alert.read') && (
            <>
              {' · '}
              <Link to="/alertes/$alertId" params={{ alertId: id }}>
                {t('audit.subject.alert')}
              </Link>
            </>
          )}
          {kind === 'member' && may('member.read') && (
            <>
              {' · '}
              <Link to="/adherents/$memberId" params={{ memberId: id }}>
                {t('audit.subject.member')}
              </Link>
            </>
          )}
        </span>
        {entry.details.alone === true && (
          <span>
            <StateTag tone="warn">{t('settingChange.madeAlone')}</StateTag>
          </span>
        )}
        {entry.details.bypasses === 'second_person' && (
          <span>
            <StateTag tone="warn">{t('audit.bypasses')}</StateTag>
          </span>
        )}
        {entry.hidden && <span className={classes.mute}>{t('audit.hidden')}</span>}
        {hasDetails && (
          <details>
            <summary data-row={entry.seq}>{t('audit.details')}</summary>
            <code className={classes.code}>
              {[
                entry.action,
                entry.subject,
                ...details.map(([key, value]) => `${key}: ${JSON.stringify(value)}`),
              ].join('\n')}
            </code>
          </details>
        )}
      </div>
    </li>
  )
}

type Named<T extends string> = T extends `${infer A}.${infer B}` ? `${A}_${B}` : never

/** Converts an action to its key in the message files. */
function named<T extends string>(action: T): Named<T> {
  return action.replace('.', '_') as Named<T>
}

/** Returns the actions sorted by their label. */
function useNames(actions: readonly AuditAction[]): { value: string; label: string }[] {
  const { t, lang } = useText()
  return actions
    .map((action) => ({ value: action, label: t(`audit.action.${named(action)}`) }))
    .sort((a, b) => a.label.localeCompare(b.label, lang))
}
