import { Checkbox, NativeSelect, UnstyledButton } from '@mantine/core'
import IconArrowDown from '@tabler/icons-react/icons/IconArrowDown'
import IconArrowsSort from '@tabler/icons-react/icons/IconArrowsSort'
import IconArrowUp from '@tabler/icons-react/icons/IconArrowUp'
import { useVirtualizer, useWindowVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { MemberSort, MemberSummary } from '../../../../src/members/contract.ts'
import { readablePhone } from '../../../../src/message/phone.ts'
import { useText } from '../../../ui/format/text.ts'
import { NumberTag } from '../../numbers/NumberTag.tsx'
import classes from '../Members.module.css'
import type { MemberOrder } from '../queries.ts'
import { type MembersSearch, memberOrders, nextOrder } from '../search.ts'
import { TagList } from '../tags/TagList.tsx'
import { type Column, columnInfo, MemberCell } from './columns.tsx'
import type { MemberList } from './useMemberList.ts'
import type { useSelection } from './useSelection.ts'

const ROW_HEIGHT = 44
const CARD_HEIGHT = 84
/** Rows rendered beyond those in view. */
const OVERSCAN = 8

interface ListProps {
  readonly list: MemberList
  readonly order: MemberOrder
  readonly columns: readonly Column[]
  readonly isStale: boolean
  readonly nameOfTrade: (code: string) => string
  /** Null if the user may not change several members. */
  readonly selecting: ReturnType<typeof useSelection> | null
  /** The place of the open member, from 0; null if none is open. */
  readonly openAt: number | null
  readonly onOpen: (memberId: string) => void
  readonly onOrder: (order: NonNullable<MembersSearch['tri']>) => void
}

/** The part of a virtual list that is used here, whatever element scrolls. */
interface RowsInView {
  getVirtualItems(): readonly { readonly index: number }[]
  scrollToIndex(index: number, options: { readonly align: 'auto' }): void
}

/** Fetches the rows in view, and keeps the open member in view. */
function useRowsInView(virtual: RowsInView, { list, openAt }: ListProps): void {
  const items = virtual.getVirtualItems()
  const [from, to] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0]
  // biome-ignore lint/correctness/useExhaustiveDependencies: when other rows come into view
  useEffect(() => list.show(from, to), [from, to, list.total])
  // biome-ignore lint/correctness/useExhaustiveDependencies: when another member is opened
  useEffect(() => {
    if (openAt !== null) virtual.scrollToIndex(openAt, { align: 'auto' })
  }, [openAt])
}

/** The list of members as a table of which only the rows in view are in the page. */
export function MembersTable(props: ListProps) {
  const { t } = useText()
  const { list, columns, selecting } = props
  const scroller = useRef<HTMLElement>(null)
  const virtual = useVirtualizer({
    count: list.total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    scrollPaddingStart: ROW_HEIGHT,
    overscan: OVERSCAN,
  })
  useRowsInView(virtual, props)
  const items = virtual.getVirtualItems()
  const above = items[0]?.start ?? 0
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0)
  const width = 264 + columns.reduce((sum, column) => sum + columnInfo[column].width, 0)
  const cells = columns.length + 1 + (selecting === null ? 0 : 1)
  const focusRow = (index: number) => {
    if (index < 0 || index >= list.total) return
    const nameAt = () =>
      scroller.current?.querySelector<HTMLElement>(`[aria-rowindex="${index + 2}"] .${classes.name}`)
    virtual.scrollToIndex(index, { align: 'auto' })
    // At once if it is rendered: the next key is for it.
    const name = nameAt()
    if (name) name.focus()
    else setTimeout(() => nameAt()?.focus())
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const row = event.target instanceof Element ? event.target.closest('tbody tr') : null
    const index = Number(row?.getAttribute('aria-rowindex')) - 2
    if (row === null || event.ctrlKey || event.metaKey || event.altKey) return
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined) focusRow(index + step)
    else if (event.key.toLowerCase() === 'x' && selecting !== null) {
      const member = list.rowAt(index)
      if (member !== undefined) selecting.toggle(member.id)
    } else return
    event.preventDefault()
  }
  return (
    <section
      ref={scroller}
      className={classes.table}
      data-list
      aria-busy={props.isStale}
      aria-label={t('nav.members')}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
    >
      <table
        className={classes.rows}
        style={{ minWidth: width }}
        aria-rowcount={list.total + 1}
        onKeyDown={onKeyDown}
      >
        <colgroup>
          {selecting !== null && <col style={{ width: 48 }} />}
          <col />
          {columns.map((column) => (
            <col key={column} style={{ width: columnInfo[column].width }} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {selecting !== null && (
              <th className={classes.check}>
                <Checkbox
                  aria-label={t('bulk.chooseShown')}
                  checked={selecting.isAll}
                  indeterminate={selecting.selection !== null && !selecting.isAll}
                  onChange={selecting.toggleAll}
                />
              </th>
            )}
            <Head {...props} title={t('members.name')} sort="name" />
            {columns.map((column) => (
              <Head
                key={column}
                {...props}
                title={t(columnInfo[column].title)}
                sort={columnInfo[column].sort}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {above > 0 && <Spacer height={above} cells={cells} />}
          {items.map(({ index }) => (
            <Row key={index} {...props} index={index} member={list.rowAt(index)} />
          ))}
          {below > 0 && <Spacer height={below} cells={cells} />}
        </tbody>
      </table>
    </section>
  )
}

/** Stands for the rows that are not in view. */
function Spacer(props: { height: number; cells: number }) {
  return (
    <tr aria-hidden className={classes.spacer}>
      <td colSpan={props.cells} style={{ height: props.height }} />
    </tr>
  )
}

/** The head of a column, which sorts by it. */
function Head(props: Pick<ListProps, 'order' | 'onOrder'> & { title: string; sort: MemberSort }) {
  const { order, sort } = props
  const isSorted = order.sort === sort
  const Arrow = isSorted ? (order.descending ? IconArrowDown : IconArrowUp) : IconArrowsSort
  return (
    <th aria-sort={isSorted ? (order.descending ? 'descending' : 'ascending') : 'none'}>
      <UnstyledButton
        className={classes.sort}
        data-sorted={isSorted || undefined}
        onClick={() => props.onOrder(nextOrder(order, sort))}
      >
        {props.title}
        <Arrow size={16} stroke={isSorted ? 2.2 : 1.4} aria-hidden />
      </UnstyledButton>
    </th>
  )
}

function Row(props: ListProps & { index: number; member: MemberSummary | undefined }) {
  const { t } = useText()
  const { member, selecting, columns } = props
  if (member === undefined)
    return (
      <tr aria-rowindex={props.index + 2} className={classes.waiting}>
        {selecting !== null && <td />}
        <td>
          <span aria-hidden />
        </td>
        {columns.map((column) => (
          <td key={column} />
        ))}
      </tr>
    )
  const chosen = selecting?.isChosen(member.id) === true
  return (
    <tr
      aria-rowindex={props.index + 2}
      className={classes.row}
      data-chosen={chosen || undefined}
      data-open={props.openAt === props.index || undefined}
      onClick={() => props.onOpen(member.id)}
      onKeyDown={undefined}
    >
      {selecting !== null && (
        <td className={classes.check} onClick={(event) => event.stopPropagation()} onKeyDown={undefined}>
          <Checkbox
            aria-label={t('bulk.choose', { name: member.name })}
            checked={chosen}
            disabled={selecting.isFixed}
            onChange={() => selecting.toggle(member.id)}
          />
        </td>
      )}
      <td>
        <span className={classes.named}>
          <UnstyledButton
            className={classes.name}
            onClick={(event) => {
              event.stopPropagation()
              props.onOpen(member.id)
            }}
          >
            {member.name}
          </UnstyledButton>
          <NumberTag state={member.numbers} />
          <TagList ids={member.tags} />
        </span>
      </td>
      {columns.map((column) => (
        <td key={column} className={column === 'phones' || column === 'siret' ? classes.phones : undefined}>
          <MemberCell column={column} member={member} nameOfTrade={props.nameOfTrade} />
        </td>
      ))}
    </tr>
  )
}

/** The list of members as cards, on a phone, where the page scrolls. */
export function MemberCards(props: ListProps) {
  const { t } = useText()
  const { list } = props
  const top = useRef<HTMLUListElement>(null)
  const [offset, setOffset] = useState(0)
  useLayoutEffect(() => {
    const at = (top.current?.getBoundingClientRect().top ?? 0) + window.scrollY
    if (Math.abs(at - offset) > 1) setOffset(at)
  })
  const virtual = useWindowVirtualizer({
    count: list.total,
    estimateSize: () => CARD_HEIGHT,
    overscan: OVERSCAN,
    scrollMargin: offset,
  })
  useRowsInView(virtual, props)
  return (
    <>
      <NativeSelect
        aria-label={t('members.sort')}
        value={`${props.order.descending ? '-' : ''}${props.order.sort}`}
        onChange={(event) =>
          props.onOrder(memberOrders.find((one) => one === event.currentTarget.value) ?? 'name')
        }
        data={[
          { sort: 'name' as const, title: t('members.name') },
          ...props.columns.map((column) => ({
            sort: columnInfo[column].sort,
            title: t(columnInfo[column].title),
          })),
        ].flatMap(({ sort, title }) => [
          { value: sort, label: t('members.sort.up', { title }) },
          { value: `-${sort}`, label: t('members.sort.down', { title }) },
        ])}
      />
      <ul
        ref={top}
        className={classes.cards}
        aria-label={t('nav.members')}
        aria-busy={props.isStale}
        style={{ height: virtual.getTotalSize() }}
      >
        {virtual.getVirtualItems().map(({ index, start }) => (
          <Card key={index} {...props} index={index} member={list.rowAt(index)} at={start - offset} />
        ))}
      </ul>
    </>
  )
}

function Card(props: ListProps & { index: number; at: number; member: MemberSummary | undefined }) {
  const { t } = useText()
  const { member, selecting, list } = props
  return (
    <li
      aria-setsize={list.total}
      aria-posinset={props.index + 1}
      className={classes.memberCard}
      style={{ transform: `translateY(${props.at}px)`, height: CARD_HEIGHT - 8 }}
      data-chosen={(member !== undefined && selecting?.isChosen(member.id)) || undefined}
    >
      {member !== undefined && (
        <>
          {selecting !== null && (
            <Checkbox
              aria-label={t('bulk.choose', { name: member.name })}
              checked={selecting.isChosen(member.id)}
              disabled={selecting.isFixed}
              onChange={() => selecting.toggle(member.id)}
            />
          )}
          <UnstyledButton className={classes.cardName} onClick={() => props.onOpen(member.id)}>
            <b>{member.name}</b>
            <small>
              {[
                member.commune.name,
                props.nameOfTrade(member.trade),
                ...member.phones.map(readablePhone),
              ].join(' · ')}
            </small>
          </UnstyledButton>
          <span className={classes.cardTags}>
            <TagList ids={member.tags} />
            {(member.status !== 'active' || member.dues === null) && (
              <MemberCell column="status" member={member} nameOfTrade={props.nameOfTrade} />
            )}
            {member.dues !== null && (
              <MemberCell column="dues" member={member} nameOfTrade={props.nameOfTrade} />
            )}
          </span>
        </>
      )}
    </li>
  )
}
