import { Button, Skeleton } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import IconUsers from '@tabler/icons-react/icons/IconUsers'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import { isRefusal } from '../../../api/problems.ts'
import { schemeQuery } from '../../../api/queries.ts'
import { useText } from '../../../ui/format/text.ts'
import { tradeNameOf } from '../../../ui/format/trade.ts'
import { Empty, Failure } from '../../../ui/Notice.tsx'
import { Page } from '../../../ui/Page.tsx'
import { isForList } from '../../../ui/useRowKeys.ts'
import { useCurrent } from '../../shell/current.tsx'
import { ChangesDrawer } from '../changes/ChangesDrawer.tsx'
import { useUndo } from '../changes/useUndo.ts'
import { MemberForm } from '../form/MemberForm.tsx'
import classes from '../Members.module.css'
import { MemberDrawer, MemberPanel } from '../member/MemberDrawer.tsx'
import { filterOf, isSameFilter, type MembersSearch, orderOf, searchOf } from '../search.ts'
import { BulkBar } from './BulkBar.tsx'
import { ColumnsMenu } from './ColumnsMenu.tsx'
import { type Column, useColumns } from './columns.tsx'
import { MemberFilters } from './MemberFilters.tsx'
import { MemberCards, MembersTable } from './MembersTable.tsx'
import { Papers } from './Papers.tsx'
import { type MemberList, useMemberList } from './useMemberList.ts'
import { useSelection } from './useSelection.ts'
import { useWalk } from './useWalk.ts'
import { Views } from './Views.tsx'

/** Lists the members of the scheme: search, facets, and each member's data. */
export function MembersPage() {
  const { t, lang } = useText()
  const { scheme, may } = useCurrent()
  const { search, go, show } = useMembersSearch()
  const trades = useQuery(schemeQuery(scheme.id)).data?.trades ?? []
  const filter = filterOf(search)
  const list = useMemberList(scheme.id, filter, orderOf(search))
  const members = list.first
  const rows = members.data?.members ?? []
  const counts = members.data?.counts ?? null
  const columns = useColumns(may('dues.read'))
  const isPhone = useMediaQuery('(max-width: 760px)', undefined, { getInitialValueInEffect: false })
  const setListing = (isOpen: boolean) => go({ modifications: isOpen ? 'oui' : undefined })
  const undo = useUndo(scheme.id, ({ kept }) => {
    if (kept.length > 0) setListing(true)
  })
  const mayChange = may('member.change')
  const group = useDroppedGroup(search.groupe, members.error, () => go({ groupe: undefined }))
  useNewKey(mayChange ? () => go({ nouveau: 'oui' }) : null)

  return (
    <Page
      fill
      title={t('nav.members')}
      lead={counts === null ? t('members.lead') : t('members.count', { count: counts.total })}
      aside={
        <Papers
          filter={filter}
          hasRows={rows.length > 0}
          isPhone={isPhone === true}
          onChanges={() => setListing(true)}
          onAdd={() => go({ nouveau: 'oui' })}
        />
      }
    >
      <Views
        filter={filter}
        count={counts?.total ?? null}
        onPick={(next) => {
          group.forget()
          show({ ...searchOf(next), ...(search.tri && { tri: search.tri }) })
        }}
      />
      <MemberFilters
        search={search}
        trades={trades}
        counts={counts}
        communeName={rows.find((row) => row.commune.code === search.commune)?.commune.name ?? null}
        go={go}
      >
        {!isPhone && <ColumnsMenu columns={columns} seesDues={may('dues.read')} />}
      </MemberFilters>
      {list.error !== null && <Failure error={list.error} retry={list.refetch} />}
      {group.isDropped && (
        <p className={classes.dropped} role="status">
          {t('members.groupDropped')}
        </p>
      )}
      {members.isError && !group.isMissing && (
        <Failure error={members.error} retry={() => void members.refetch()} />
      )}
      <Listing
        list={list}
        trades={trades}
        columns={columns}
        isPhone={isPhone}
        onUndo={(id) => undo.mutate(id)}
      />
      {mayChange && search.nouveau === 'oui' && (
        <MemberForm
          member={null}
          onClose={() => go({ nouveau: undefined })}
          onUndo={(id) => undo.mutate(id)}
        />
      )}
      {mayChange && (
        <ChangesDrawer
          opened={search.modifications === 'oui'}
          nameOfTrade={(code) => tradeNameOf(lang, trades, code)}
          onClose={() => setListing(false)}
        />
      )}
    </Page>
  )
}

/** The search in the address, and the functions that change a part of it (`go`) or all of it (`show`). */
function useMembersSearch() {
  const search = useSearch({ from: '/shell/adherents' })
  const navigate = useNavigate()
  return {
    search,
    go: (change: { [key in keyof MembersSearch]?: string | undefined }) =>
      void navigate({
        to: '/adherents',
        search: Object.fromEntries(
          Object.entries({ ...search, ...change }).filter(([, value]) => value),
        ) as MembersSearch,
        replace: true,
        // A panel that opens or closes leaves the list where it is.
        resetScroll: !['membre', 'nouveau', 'modifications'].some((panel) => panel in change),
      }),
    show: (next: MembersSearch) => void navigate({ to: '/adherents', search: next, replace: true }),
  }
}

/**
 * Drops a deleted group from the address, or one of another user in a shared view, since the list without it is still of
 * use.
 */
function useDroppedGroup(group: string | undefined, error: unknown, drop: () => void) {
  const [isDropped, setDropped] = useState(false)
  const isMissing = group !== undefined && isRefusal(error, 'group_missing')
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each refusal
  useEffect(() => {
    if (!isMissing) return
    setDropped(true)
    drop()
  }, [isMissing])
  return { isDropped, isMissing, forget: () => setDropped(false) }
}

/** Shows the rows, the bar of the selected ones, and the open member: beside the list if there is room, else over it. */
function Listing(props: {
  list: MemberList
  trades: SchemeView['trades']
  columns: readonly Column[]
  isPhone: boolean
  onUndo: (changeId: string) => void
}) {
  const { lang } = useText()
  const { scheme, may } = useCurrent()
  const { search, go } = useMembersSearch()
  const { list, trades, isPhone } = props
  const members = list.first
  const rows = members.data?.members ?? []
  const counts = members.data?.counts ?? null
  const filter = filterOf(search)
  const selecting = useSelection(scheme.id, filter, list)
  const { selection, choose } = selecting
  const mayChange = may('member.change')
  const nameOfTrade = (code: string) => tradeNameOf(lang, trades, code)
  // The panel of a member covers nothing of the list.
  const isBeside = useMediaQuery('(min-width: 1280px)', undefined, { getInitialValueInEffect: false })
  const walk = useWalk(list, search.membre, (membre) => go({ membre }), isBeside)
  const Rows = isPhone ? MemberCards : MembersTable
  const open = { nameOfTrade, walk, onClose: () => go({ membre: undefined }) }
  return (
    <>
      <div className={classes.split} data-open={(isBeside && search.membre !== undefined) || undefined}>
        <div className={classes.listSide}>
          {members.isPending && <Skeleton height={420} radius="lg" />}
          {members.isSuccess && rows.length === 0 && <NoMembers filtered={!isSameFilter(filter, {})} />}
          {rows.length > 0 && (
            <Rows
              list={list}
              order={orderOf(search)}
              columns={props.columns}
              isStale={members.isPlaceholderData}
              nameOfTrade={nameOfTrade}
              selecting={mayChange ? selecting : null}
              openAt={walk === null ? null : walk.at - 1}
              onOpen={(membre) => go({ membre })}
              onOrder={(tri) => go({ tri: tri === 'name' ? undefined : tri })}
            />
          )}
          {mayChange && rows.length > 0 && counts !== null && (selection !== null || !isPhone) && (
            <BulkBar
              selection={selection}
              filter={filter}
              total={counts.total}
              trades={trades.map(({ code }) => ({ code, name: nameOfTrade(code) }))}
              onAll={() => choose({ filter, count: counts.total })}
              onClear={() => choose(null)}
              onUndo={props.onUndo}
            />
          )}
        </div>
        {isBeside && search.membre !== undefined && <MemberPanel memberId={search.membre} {...open} />}
      </div>
      {!isBeside && <MemberDrawer memberId={search.membre ?? null} {...open} />}
    </>
  )
}

/** Says that the filter finds nobody, or how the first members are added. */
function NoMembers(props: { filtered: boolean }) {
  const { t } = useText()
  const { may } = useCurrent()
  const { go, show } = useMembersSearch()
  return (
    <Empty
      icon={<IconUsers size={36} stroke={1.4} aria-hidden />}
      title={props.filtered ? t('filter.none') : t('members.none')}
    >
      {props.filtered ? (
        <Button variant="default" onClick={() => show({})}>
          {t('filter.reset')}
        </Button>
      ) : may('member.change') ? (
        <span className={classes.careActions}>
          <Button onClick={() => go({ nouveau: 'oui' })}>{t('memberForm.new')}</Button>
          <Button variant="default" component={Link} to="/importer">
            {t('members.import')}
          </Button>
        </span>
      ) : (
        t('members.none.hint')
      )}
    </Empty>
  )
}

/** Opens the form of a new member by N. */
function useNewKey(open: (() => void) | null): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (open === null || event.key.toLowerCase() !== 'n' || !isForList(event, 0)) return
      event.preventDefault()
      open()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  })
}
