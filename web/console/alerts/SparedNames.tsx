import { Button, Skeleton } from '@mantine/core'
import { type UseInfiniteQueryResult, useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { AudienceQuery, SparedList } from '../../../src/alerts/contract.ts'
import { sparedQuery, wouldBeSparedQuery } from '../../api/queries.ts'
import { momentOf } from '../../ui/format.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useMinute } from '../../ui/now.ts'
import { useText } from '../../ui/text.ts'
import classes from './SparedNames.module.css'

/** Lists by name the recipients that an alert to this audience would hold back now; loaded when opened. */
export function WouldBeSpared(props: { schemeId: string; query: AudienceQuery }) {
  const [open, setOpen] = useState(false)
  const list = useInfiniteQuery(wouldBeSparedQuery(props.schemeId, props.query, open))
  return <Names list={list} onToggle={setOpen} />
}

/** Lists the recipients that an alert held back. */
export function WereSpared(props: { schemeId: string; alertId: string }) {
  const [open, setOpen] = useState(false)
  const list = useInfiniteQuery(sparedQuery(props.schemeId, props.alertId, open))
  return <Names list={list} onToggle={setOpen} />
}

function Names(props: {
  list: UseInfiniteQueryResult<{ pages: SparedList[] }>
  onToggle: (open: boolean) => void
}) {
  const { t, lang } = useText()
  const now = useMinute()
  const { list } = props
  const rows = list.data?.pages.flatMap((page) => page.spared) ?? []
  const total = list.data?.pages[0]?.total ?? 0
  const why = (row: SparedList['spared'][number]) => {
    if (row.toldAt !== null) return t('spared.told', { time: momentOf(lang, row.toldAt, now) })
    const time = momentOf(lang, row.tellAt, now)
    if (row.reason === 'quiet') return t('spared.quiet', { time })
    return row.alerts === null ? t('spared.fatigue') : t('spared.fatigue.times', { count: row.alerts })
  }
  return (
    <details className={classes.names} onToggle={(event) => props.onToggle(event.currentTarget.open)}>
      <summary>{t('spared.open')}</summary>
      {list.isError && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <Skeleton height={48} />}
      {list.isSuccess && rows.length === 0 && <p>{t('spared.none')}</p>}
      {rows.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled by keyboard
        <section className={classes.scroll} aria-label={t('spared.list', { count: total })} tabIndex={0}>
          <ul>
            {rows.map((row) => (
              <li key={`${row.memberId} ${row.phone}`}>
                <span className={classes.who}>
                  {row.name} <small>{row.commune}</small>
                </span>
                <span className={classes.why}>{why(row)}</span>
              </li>
            ))}
          </ul>
          {list.hasNextPage && (
            <Button
              variant="default"
              size="xs"
              loading={list.isFetchingNextPage}
              onClick={() => void list.fetchNextPage()}
            >
              {t('action.more')}
            </Button>
          )}
        </section>
      )}
    </details>
  )
}
