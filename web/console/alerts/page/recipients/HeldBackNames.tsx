import { Button, Skeleton } from '@mantine/core'
import { type UseInfiniteQueryResult, useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { AudienceQuery, HeldBackList } from '../../../../../src/alerts/contract.ts'
import { momentOf } from '../../../../ui/format/format.ts'
import { useMinute } from '../../../../ui/format/now.ts'
import { useText } from '../../../../ui/format/text.ts'
import { Failure } from '../../../../ui/Notice.tsx'
import { heldBackQuery, wouldBeHeldBackQuery } from '../../queries.ts'
import classes from './HeldBackNames.module.css'

/** Lists by name the recipients that an alert to this audience would hold back now; loaded when opened. */
export function WouldBeHeldBackNames(props: { schemeId: string; query: AudienceQuery }) {
  const [open, setOpen] = useState(false)
  const list = useInfiniteQuery(wouldBeHeldBackQuery(props.schemeId, props.query, open))
  return <Names list={list} onToggle={setOpen} />
}

/** Lists the recipients that an alert held back. */
export function HeldBackNames(props: { schemeId: string; alertId: string }) {
  const [open, setOpen] = useState(false)
  const list = useInfiniteQuery(heldBackQuery(props.schemeId, props.alertId, open))
  return <Names list={list} onToggle={setOpen} />
}

function Names(props: {
  list: UseInfiniteQueryResult<{ pages: HeldBackList[] }>
  onToggle: (open: boolean) => void
}) {
  const { t, lang } = useText()
  const now = useMinute()
  const { list } = props
  const rows = list.data?.pages.flatMap((page) => page.recipients) ?? []
  const total = list.data?.pages[0]?.total ?? 0
  const why = (row: HeldBackList['recipients'][number]) => {
    if (row.notifiedAt !== null) return t('heldBack.notified', { time: momentOf(lang, row.notifiedAt, now) })
    const time = momentOf(lang, row.dueAt, now)
    if (row.reason === 'quiet') return t('heldBack.quiet', { time })
    return row.alerts === null ? t('heldBack.fatigue') : t('heldBack.fatigue.times', { count: row.alerts })
  }
  return (
    <details className={classes.names} onToggle={(event) => props.onToggle(event.currentTarget.open)}>
      <summary>{t('heldBack.open')}</summary>
      {list.isError && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <Skeleton height={48} />}
      {list.isSuccess && rows.length === 0 && <p>{t('heldBack.none')}</p>}
      {rows.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled by keyboard
        <section className={classes.scroll} aria-label={t('heldBack.list', { count: total })} tabIndex={0}>
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
