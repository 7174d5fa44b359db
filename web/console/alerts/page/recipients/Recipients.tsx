import { Button, Pagination, Select, Skeleton, Table, UnstyledButton } from '@mantine/core'
import IconChevronRight from '@tabler/icons-react/icons/IconChevronRight'
import IconDownload from '@tabler/icons-react/icons/IconDownload'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useRef, useState } from 'react'
import type { DeliveryView, Progress } from '../../../../../src/deliveries/contract.ts'
import { urlOf } from '../../../../api/client.ts'
import { type DeliveryState, schemeQuery } from '../../../../api/queries.ts'
import { preciseTimeOf, timeOf } from '../../../../ui/format/format.ts'
import { useMinute } from '../../../../ui/format/now.ts'
import { useText } from '../../../../ui/format/text.ts'
import { tradeNameOf } from '../../../../ui/format/trade.ts'
import { Failure } from '../../../../ui/Notice.tsx'
import { DELIVERIES_A_PAGE, deliveriesQuery } from '../../queries.ts'
import { DeliveryStateTag } from '../../state.tsx'
import classes from '../AlertPage.module.css'
import { Attempts } from './Attempts.tsx'

const states: readonly DeliveryState[] = [
  'planned',
  'accepted',
  'delivered',
  'in_doubt',
  'failed',
  'expired',
  'withdrawn',
]

/**
 * Lists the recipients with the state of each message. The server masks the numbers. Only one page is loaded at a time,
 * since it is refetched while it changes and there may be thousands.
 */
export function Recipients(props: {
  schemeId: string
  alertId: string
  /** The message of the alert; null: the first. */
  broadcast: string | null
  /** The name of the message, if there are several. */
  name: string | null
  progress: Progress
}) {
  const { t, lang } = useText()
  const { schemeId, alertId, broadcast, progress } = props
  const [state, setState] = useState<DeliveryState | null>(null)
  const [opened, setOpened] = useState<number | null>(null)
  const [page, setPage] = useState(1)
  const table = useRef<HTMLElement>(null)
  const deliveries = useQuery(deliveriesQuery(schemeId, alertId, broadcast, state, page))
  const trades = useQuery(schemeQuery(schemeId)).data?.trades ?? []
  const rows = deliveries.data?.deliveries ?? []
  const total = deliveries.data?.total ?? 0
  const pages = Math.max(1, Math.ceil(total / DELIVERIES_A_PAGE))
  const turnTo = (to: number) => {
    setPage(to)
    setOpened(null)
    table.current?.scrollTo({ top: 0 })
  }
  // Fewer recipients are in this state now than when this page was opened.
  if (deliveries.isSuccess && !deliveries.isPlaceholderData && page > pages) setPage(pages)
  const first = (page - 1) * DELIVERIES_A_PAGE + 1
  const counts: Record<DeliveryState, number> = {
    planned: progress.waiting,
    accepted: progress.accepted,
    delivered: progress.delivered,
    in_doubt: progress.inDoubt,
    failed: progress.failed,
    expired: progress.expired,
    withdrawn: progress.withdrawn,
  }
  return (
    <section className={`${classes.card} ${classes.last}`} aria-labelledby="destinataires">
      <div className={classes.cardHead}>
        <h2 id="destinataires">
          {t('recipients.title', { total: progress.planned })}
          {props.name !== null && <small className={classes.which}>{props.name}</small>}
        </h2>
        <div className={classes.tools}>
          <Select
            aria-label={t('recipients.filter')}
            size="xs"
            w={190}
            value={state}
            placeholder={t('filter.all')}
            clearable
            clearButtonProps={{ 'aria-label': t('filter.clear') }}
            onChange={(value) => {
              setState(value as DeliveryState | null)
              turnTo(1)
            }}
            data={states
              .filter((one) => counts[one] > 0 || one === state)
              .map((one) => ({ value: one, label: `${t(`delivery.state.${one}`)} (${counts[one]})` }))}
          />
          <Button
            component="a"
            href={urlOf('exportDeliveries', {
              params: { scheme: schemeId, id: alertId },
              query: { broadcast },
            })}
            download
            size="xs"
            variant="default"
            leftSection={<IconDownload size={14} aria-hidden />}
          >
            {t('recipients.export')}
          </Button>
        </div>
      </div>
      {deliveries.isError && <Failure error={deliveries.error} retry={() => void deliveries.refetch()} />}
      {deliveries.isPending && <Skeleton height={200} />}
      {deliveries.isSuccess && rows.length === 0 && <p className={classes.mute}>{t('recipients.none')}</p>}
      {rows.length > 0 && (
        <section
          className={classes.scroll}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          aria-label={t('recipients.list')}
          aria-busy={deliveries.isPlaceholderData}
          ref={table}
        >
          <Table verticalSpacing={6} horizontalSpacing="sm">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('recipients.member')}</Table.Th>
                <Table.Th className={classes.wide ?? ''}>{t('recipients.commune')}</Table.Th>
                <Table.Th className={classes.wide ?? ''}>{t('recipients.phone')}</Table.Th>
                <Table.Th>{t('recipients.state')}</Table.Th>
                <Table.Th>{t('recipients.time')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((row) => (
                <Recipient
                  key={row.no}
                  row={row}
                  trade={tradeNameOf(lang, trades, row.trade)}
                  isOpen={opened === row.no}
                  onToggle={() => setOpened(opened === row.no ? null : row.no)}
                >
                  <Attempts schemeId={schemeId} alertId={alertId} broadcast={broadcast} no={row.no} />
                </Recipient>
              ))}
            </Table.Tbody>
          </Table>
        </section>
      )}
      {pages > 1 && (
        <Pages
          page={page}
          pages={pages}
          shown={deliveries.isPlaceholderData ? null : { first, last: first + rows.length - 1, total }}
          onTurn={turnTo}
        />
      )}
    </section>
  )
}

/** One recipient with the state of its message, and how it got there once opened. */
function Recipient(props: {
  row: DeliveryView
  trade: string
  isOpen: boolean
  onToggle: () => void
  children: ReactNode
}) {
  const { t, lang } = useText()
  const now = useMinute()
  const { row } = props
  return (
    <>
      <Table.Tr>
        <Table.Td>
          <UnstyledButton
            className={classes.opener}
            aria-expanded={props.isOpen}
            aria-controls={`message-${row.no}`}
            onClick={props.onToggle}
          >
            <IconChevronRight size={16} aria-hidden />
            <span>
              {row.member.name}
              <small className={classes.under}>{props.trade}</small>
              <small className={classes.narrow}>
                {row.commune.name} · {row.phone}
              </small>
            </span>
          </UnstyledButton>
        </Table.Td>
        <Table.Td className={classes.wide ?? ''}>{row.commune.name}</Table.Td>
        <Table.Td className={`${classes.nowrap} ${classes.wide}`}>{row.phone}</Table.Td>
        <Table.Td>
          <DeliveryStateTag state={row.state} />
          {row.possibleDuplicate && <small className={classes.warnText}>{t('recipients.duplicate')}</small>}
          {row.error !== null && <small className={classes.under}>{row.error}</small>}
          {row.second !== null && (
            <small className={classes.under}>
              {t('recipients.second', {
                sent: String(row.second.isSent),
                time: timeOf(lang, row.second.at),
              })}
            </small>
          )}
        </Table.Td>
        <Table.Td className={classes.nowrap ?? ''}>
          {row.settledAt !== null || row.acceptedAt !== null
            ? preciseTimeOf(lang, row.settledAt ?? row.acceptedAt ?? '', now)
            : '–'}
        </Table.Td>
      </Table.Tr>
      <Table.Tr id={`message-${row.no}`} hidden={!props.isOpen}>
        {props.isOpen && <Table.Td colSpan={5}>{props.children}</Table.Td>}
      </Table.Tr>
    </>
  )
}

/** Turns the pages of the list. */
function Pages(props: {
  page: number
  pages: number
  /** The rows of the page; null while another one is loading. */
  shown: { first: number; last: number; total: number } | null
  onTurn: (page: number) => void
}) {
  const { t } = useText()
  const { page, pages, shown } = props
  return (
    <nav className={classes.pages} aria-label={t('recipients.pages')}>
      <p role="status">{shown !== null && t('recipients.shown', shown)}</p>
      <Pagination
        size="sm"
        siblings={0}
        total={pages}
        value={page}
        onChange={props.onTurn}
        classNames={{ control: classes.pageControl ?? '' }}
        getItemProps={(number) => ({ 'aria-label': t('recipients.page', { page: number, pages }) })}
        getControlProps={(control) => ({
          'aria-label': t(control === 'next' ? 'recipients.next' : 'recipients.previous'),
        })}
      />
    </nav>
  )
}
