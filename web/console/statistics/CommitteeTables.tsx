import { Skeleton, Table } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { CommitteeAccounts } from '../../../src/statistics/contract.ts'
import { schemeQuery } from '../../api/queries.ts'
import { countOf, dayOf, spanOf } from '../../ui/format/format.ts'
import { labelOf, useText } from '../../ui/format/text.ts'
import { tradeNameOf } from '../../ui/format/trade.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useCurrent } from '../shell/current.tsx'
import { accountsQuery, type Filter } from './queries.ts'
import classes from './StatisticsPage.module.css'

interface Line {
  readonly name: string
  readonly now: string
  readonly before: string
}

/** Shows the committee's figures: the period beside the same days a year before. */
export function CommitteeTables(props: { schemeId: string; filter: Filter }) {
  const { t, lang } = useText()
  const accounts = useQuery(accountsQuery(props.schemeId, props.filter))
  return (
    <section className={classes.accounts} aria-labelledby="comite">
      <h2 id="comite">{t('figures.committee')}</h2>
      {accounts.isError && <Failure error={accounts.error} retry={() => void accounts.refetch()} />}
      {accounts.isPending && <Skeleton height={240} radius="lg" />}
      {accounts.data !== undefined && (
        <>
          <p className={classes.period}>
            {t(accounts.data.before.isComplete ? 'figures.before' : 'figures.before.partial', {
              from: dayOf(lang, accounts.data.before.from),
              to: dayOf(lang, accounts.data.before.to),
            })}
          </p>
          <div className={classes.tables}>
            <Tables accounts={accounts.data} />
          </div>
        </>
      )}
    </section>
  )
}

function Tables({ accounts }: { accounts: CommitteeAccounts }) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const trades = useQuery(schemeQuery(scheme.id)).data?.trades ?? []
  const count = (value: number | null) => (value === null ? '–' : countOf(lang, value))
  const span = (ms: number | null) => (ms === null ? '–' : spanOf(lang, ms))
  const line = (name: string, one: { now: number | null; before: number | null } | null): Line[] =>
    one === null ? [] : [{ name, now: count(one.now), before: count(one.before) }]
  const times = (name: string, one: { now: number | null; before: number | null }): Line => ({
    name,
    now: span(one.now),
    before: span(one.before),
  })
  const nameOf = (code: string) => tradeNameOf(lang, trades, code)
  return (
    <>
      <Compared
        title={t('figures.compared')}
        of={t('figures.line')}
        lines={[
          ...line(t('figures.calls'), accounts.calls),
          ...line(t('figures.refused'), accounts.refused),
          ...line(t('figures.waiting'), accounts.waiting),
          ...line(t('figures.alerts'), accounts.alerts),
          ...line(t('figures.delivered'), accounts.delivered),
          times(t('figures.public.median'), accounts.half),
          times(t('figures.public.ninety'), accounts.ninety),
          ...line(t('figures.members'), accounts.members),
        ]}
      />
      {accounts.refusals !== null && (
        <Compared
          title={t('figures.refusals')}
          of={t('figures.line.reason')}
          lines={accounts.refusals.flatMap((one) => line(t(`refusal.${one.code}`), one))}
        />
      )}
      <Compared
        title={t('figures.outcomes')}
        of={t('figures.line.outcome')}
        lines={accounts.outcomes.flatMap((one) =>
          line(one.code === 'none' ? t('figures.outcome.none') : t(`outcome.${one.code}`), one),
        )}
      />
      <Compared
        title={t('figures.categories')}
        of={t('figures.line.category')}
        lines={accounts.categories.flatMap((one) => line(labelOf(lang, one), one))}
      />
      <Compared
        title={t('figures.byTrade')}
        of={t('figures.line.trade')}
        lines={accounts.trades.flatMap((one) => line(nameOf(one.code), one))}
      />
    </>
  )
}

function Compared(props: {
  title: string
  /** Title of the first column. */
  of: string
  lines: readonly Line[]
}) {
  const { t } = useText()
  return (
    <section aria-label={props.title}>
      <h3>{props.title}</h3>
      {props.lines.length === 0 ? (
        <p className={classes.period}>{t('figures.nothing')}</p>
      ) : (
        <Table aria-label={props.title}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{props.of}</Table.Th>
              <Table.Th ta="right">{t('figures.now')}</Table.Th>
              <Table.Th ta="right">{t('figures.yearBefore')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {props.lines.map(({ name, now, before }) => (
              <Table.Tr key={name}>
                <Table.Th scope="row" fw={400}>
                  {name}
                </Table.Th>
                <Table.Td ta="right">{now}</Table.Td>
                <Table.Td ta="right">{before}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </section>
  )
}
