import { Button, Skeleton } from '@mantine/core'
import IconUsers from '@tabler/icons-react/icons/IconUsers'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { DoublePage } from '../../../src/changes/merge/contract.ts'
import { schemeQuery } from '../../api/queries.ts'
import { useText } from '../../ui/format/text.ts'
import { tradeNameOf } from '../../ui/format/trade.ts'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { Page } from '../../ui/Page.tsx'
import { useRowKeys } from '../../ui/useRowKeys.ts'
import { useCurrent } from '../shell/current.tsx'
import classes from './Doubles.module.css'
import { MergeModal } from './MergeModal.tsx'
import { Pair } from './Pair.tsx'
import { doublesQuery } from './queries.ts'
import { RecentMerges } from './RecentMerges.tsx'

type Double = DoublePage['pairs'][number]

/** Lists pairs of members that are probably one business, and the merges of the last day. */
export function DoublesPage() {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  useRowKeys()
  const trades = useQuery(schemeQuery(scheme.id)).data?.trades ?? []
  const doubles = useInfiniteQuery(doublesQuery(scheme.id))
  const [merging, setMerging] = useState<Double | null>(null)
  const pairs = doubles.data?.pages.flatMap((page) => page.pairs) ?? []
  const total = doubles.data?.pages[0]?.total
  const merges = doubles.data?.pages[0]?.merges ?? []
  const nameOf = (code: string) => tradeNameOf(lang, trades, code)
  return (
    <Page
      title={t('doubles.title')}
      lead={total === undefined ? t('doubles.lead') : t('doubles.count', { count: total })}
      aside={
        <Link to="/adherents" className={classes.back}>
          {t('doubles.back')}
        </Link>
      }
    >
      {doubles.isError && <Failure error={doubles.error} retry={() => void doubles.refetch()} />}
      {doubles.isPending && <Skeleton height={320} radius="lg" />}
      {doubles.isSuccess && pairs.length === 0 && (
        <Empty icon={<IconUsers size={36} stroke={1.4} aria-hidden />} title={t('doubles.none')}>
          {t('doubles.none.hint')}
        </Empty>
      )}
      {pairs.length > 0 && (
        <ul className={classes.list} aria-label={t('doubles.title')} aria-busy={doubles.isPlaceholderData}>
          {pairs.map((pair) => (
            <Pair
              key={`${pair.first.id} ${pair.second.id}`}
              pair={pair}
              nameOfTrade={nameOf}
              onMerge={() => setMerging(pair)}
            />
          ))}
        </ul>
      )}
      {doubles.hasNextPage && (
        <Button
          variant="default"
          className={classes.more ?? ''}
          loading={doubles.isFetchingNextPage}
          onClick={() => void doubles.fetchNextPage()}
        >
          {t('action.more')}
        </Button>
      )}
      <RecentMerges merges={merges} />
      {merging !== null && (
        <MergeModal pair={merging} nameOfTrade={nameOf} onClose={() => setMerging(null)} />
      )}
    </Page>
  )
}
