import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { ReportStatistics } from '../../../src/reports/journal-contract.ts'
import { countOf, monthOf, percentOf } from '../../ui/format/format.ts'
import { labelOf, useText } from '../../ui/format/text.ts'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { statisticsQuery } from './queries.ts'
import classes from './Statistics.module.css'

/** Shows the decisions of twelve months, and why calls led to no alert. */
export function Statistics(props: { schemeId: string }) {
  const { t } = useText()
  const statistics = useQuery(statisticsQuery(props.schemeId))
  return (
    <section className={classes.panel} aria-labelledby="statistiques">
      <h2 id="statistiques">{t('statistics.title')}</h2>
      {statistics.isError && <Failure error={statistics.error} retry={() => void statistics.refetch()} />}
      {statistics.isPending && <Skeleton height={220} radius="lg" />}
      {statistics.data !== undefined && <Figures statistics={statistics.data} />}
    </section>
  )
}

function Figures({ statistics }: { statistics: ReportStatistics }) {
  const { t, lang } = useText()
  const { months, reasons, categories, behindSeconds } = statistics
  const sum = (of: (month: ReportStatistics['months'][number]) => number) =>
    months.reduce((total, month) => total + of(month), 0)
  const calls = sum((month) => month.calls)
  const refused = sum((month) => month.refused)
  if (calls === 0) {
    return (
      <Empty small title={t('statistics.none')}>
        {t('statistics.none.hint')}
      </Empty>
    )
  }
  const most = Math.max(...months.map((month) => month.calls))
  const mostReason = Math.max(...reasons.map((reason) => reason.refused))
  return (
    <>
      <p className={classes.lead}>
        {t('statistics.lead', {
          calls,
          refused,
          answered: sum((month) => month.answered),
          share: percentOf(lang, refused / calls),
        })}
        {behindSeconds > 0 && ` ${t('figures.behind', { seconds: behindSeconds })}`}
      </p>
      <div className={classes.grid}>
        <Block
          title={t('statistics.byMonth')}
          columns={[
            t('statistics.month'),
            t('statistics.calls'),
            t('statistics.broadcast'),
            t('statistics.refused'),
            t('statistics.answered'),
          ]}
          swatches={{ 2: 'broadcast', 3: 'refused' }}
        >
          {months.toReversed().map((month) => (
            <tr key={month.month}>
              <th scope="row">
                {monthOf(lang, month.month)}
                <Bar of={most} parts={[month.broadcast, month.refused, month.calls]} />
              </th>
              <td>{countOf(lang, month.calls)}</td>
              <td>{countOf(lang, month.broadcast)}</td>
              <td>{countOf(lang, month.refused)}</td>
              <td>{countOf(lang, month.answered)}</td>
            </tr>
          ))}
        </Block>
        <div className={classes.column}>
          {reasons.length === 0 ? (
            <p className={classes.lead}>{t('statistics.noRefusal')}</p>
          ) : (
            <Block title={t('statistics.byReason')} columns={[t('refuse.reason'), t('statistics.refused')]}>
              {reasons.map((one) => (
                <tr key={one.reason}>
                  <th scope="row">
                    {t(`refusal.${one.reason}`)}
                    <Bar of={mostReason} parts={[0, one.refused, one.refused]} />
                  </th>
                  <td>{countOf(lang, one.refused)}</td>
                </tr>
              ))}
            </Block>
          )}
          <Block
            title={t('statistics.byCategory')}
            columns={[t('journal.category'), t('statistics.calls'), t('statistics.refused')]}
          >
            {categories.map((one) => (
              <tr key={one.code}>
                <th scope="row">{labelOf(lang, one)}</th>
                <td>{countOf(lang, one.calls)}</td>
                <td>{countOf(lang, one.refused)}</td>
              </tr>
            ))}
          </Block>
        </div>
      </div>
    </>
  )
}

function Block(props: {
  title: string
  columns: readonly string[]
  /** Selects the part of the bars that a column counts. */
  swatches?: Readonly<Record<number, string>>
  children: ReactNode
}) {
  return (
    <div>
      <h3>{props.title}</h3>
      <table className={classes.table}>
        <thead>
          <tr>
            {props.columns.map((column, index) => (
              <th key={column} scope="col" data-part={props.swatches?.[index]}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{props.children}</tbody>
      </table>
    </div>
  )
}

/** Draws broadcast, refused and undecided calls as bar lengths; the figures beside it say the same. */
function Bar(props: { of: number; parts: readonly [broadcast: number, refused: number, all: number] }) {
  const [broadcast, refused, all] = props.parts
  const width = (count: number) => `${(100 * count) / Math.max(1, props.of)}%`
  return (
    <span className={classes.bar} aria-hidden>
      <span data-part="broadcast" style={{ width: width(broadcast) }} />
      <span data-part="refused" style={{ width: width(refused) }} />
      <span data-part="waiting" style={{ width: width(all - broadcast - refused) }} />
    </span>
  )
}
