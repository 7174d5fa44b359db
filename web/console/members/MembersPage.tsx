import { Button, Skeleton } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import IconUsers from '@tabler/icons-react/icons/IconUsers'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import type { MemberFilter } from '../../../src/members/contract.ts'
import { urlOf } from '../../api/client.ts'
import { isRefusal } from '../../api/problems.ts'
import { schemeQuery } from '../../api/queries.ts'
import { useText } from '../../ui/format/text.ts'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { Page } from '../../ui/Page.tsx'
import { isForList } from '../../ui/useRowKeys.ts'
import { useCurrent } from '../shell/current.tsx'
import { BulkBar } from './BulkBar.tsx'
import { ChangesDrawer } from './ChangesDrawer.tsx'
import { ColumnsMenu } from './ColumnsMenu.tsx'
import { useColumns } from './columns.tsx'
import { MemberForm } from './form/MemberForm.tsx'
import { MemberDrawer, MemberPanel } from './MemberDrawer.tsx'
import { MemberFilters } from './MemberFilters.tsx'
import classes from './Members.module.css'
import { MemberCards, MembersTable } from './MembersTable.tsx'
import { filterOf, isSameFilter, type MembersSearch, orderOf, searchOf } from './search.ts'
import { useMemberList } from './useMemberList.ts'
import { useSelection } from './useSelection.ts'
import { useUndo } from './useUndo.ts'
import { useWalk } from './useWalk.ts'
import { Views } from './Views.tsx'

/** Lists the members of the scheme: search, facets, and each member's data. */
export function MembersPage() {
  const { t, lang } = useText()
  const { scheme, may } = useCurrent()
  const search = useSearch({ from: '/shell/adherents' })
  const navigate = useNavigate()
  const trades = useQuery(schemeQuery(scheme.id)).data?.trades ?? []
  const filter = filterOf(search)
  const order = orderOf(search)
  const list = useMemberList(scheme.id, filter, order)
  const members = list.first
  const rows = members.data?.members ?? []
  const counts = members.data?.counts ?? null
  const columns = useColumns(may('dues.read'))
  const isPhone = useMediaQuery('(max-width: 760px)', undefined, { getInitialValueInEffect: false })
  // Where there is room for both, the panel of a member is beside the list and covers nothing.
  const isBeside = useMediaQuery('(min-width: 1280px)', undefined, { getInitialValueInEffect: false })
  const filtered = !isSameFilter(filter, {})
  const [isListing, setListing] = useState(false)
  const selecting = useSelection(scheme.id, filter, list)
  const { selection, choose } = selecting
  const undo = useUndo(scheme.id, ({ kept }) => {
    if (kept.length > 0) setListing(true)
  })
  const mayChange = may('member.change')
  const nameOf = (code: string) => {
    const trade = trades.find((one) => one.code === code)
    return trade === undefined ? code : lang === 'fr' ? trade.nameFr : trade.nameEn
  }
  const go = (change: { [key in keyof MembersSearch]?: string | undefined }) =>
    void navigate({
      to: '/adherents',
      search: Object.fromEntries(
        Object.entries({ ...search, ...change }).filter(([, value]) => value),
      ) as MembersSearch,
      replace: true,
      // A panel that opens or closes leaves the list where it is.
      resetScroll: !('membre' in change || 'nouveau' in change),
    })

  // A deleted group in the address, or one of somebody else in a shared view: the list without it is still of use.
  const [hasDroppedGroup, setDroppedGroup] = useState(false)
  const isGroupMissing = search.groupe !== undefined && isRefusal(members.error, 'group_missing')
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each refusal
  useEffect(() => {
    if (!isGroupMissing) return
    setDroppedGroup(true)
    go({ groupe: undefined })
  }, [isGroupMissing])

  const walk = useWalk(list, search.membre, (membre) => go({ membre }), isBeside)
  useNewKey(mayChange ? () => go({ nouveau: 'oui' }) : null)
  const Rows = isPhone ? MemberCards : MembersTable

  return (
    <Page
      fill
      title={t('nav.members')}
      lead={counts === null ? t('members.lead') : t('members.count', { count: counts.total })}
      aside={
        <Papers
          filter={filter}
          hasRows={rows.length > 0}
          onChanges={() => setListing(true)}
          onAdd={() => go({ nouveau: 'oui' })}
        />
      }
    >
      <Views
        filter={filter}
        count={counts?.total ?? null}
        onPick={(next) => {
          setDroppedGroup(false)
          void navigate({
            to: '/adherents',
            search: { ...searchOf(next), ...(search.tri && { tri: search.tri }) },
            replace: true,
          })
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
      {hasDroppedGroup && (
        <p className={classes.dropped} role="status">
          {t('members.groupDropped')}
        </p>
      )}
      {members.isError && !isGroupMissing && (
        <Failure error={members.error} retry={() => void members.refetch()} />
      )}
      <div className={classes.split} data-open={(isBeside && search.membre !== undefined) || undefined}>
        <div className={classes.listSide}>
          {members.isPending && <Skeleton height={420} radius="lg" />}
          {members.isSuccess && rows.length === 0 && (
            <Empty
              icon={<IconUsers size={36} stroke={1.4} aria-hidden />}
              title={filtered ? t('filter.none') : t('members.none')}
            >
              {filtered ? (
                <Button
                  variant="default"
                  onClick={() => void navigate({ to: '/adherents', search: {}, replace: true })}
                >
                  {t('filter.reset')}
                </Button>
              ) : mayChange ? (
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
          )}
          {rows.length > 0 && (
            <Rows
              list={list}
              order={order}
              columns={columns}
              isStale={members.isPlaceholderData}
              nameOfTrade={nameOf}
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
              trades={trades.map(({ code }) => ({ code, name: nameOf(code) }))}
              onAll={() => choose({ filter, count: counts.total })}
              onClear={() => choose(null)}
              onUndo={(id) => undo.mutate(id)}
            />
          )}
        </div>
        {isBeside && search.membre !== undefined && (
          <MemberPanel
            memberId={search.membre}
            nameOfTrade={nameOf}
            walk={walk}
            onClose={() => go({ membre: undefined })}
          />
        )}
      </div>
      {!isBeside && (
        <MemberDrawer
          memberId={search.membre ?? null}
          nameOfTrade={nameOf}
          walk={walk}
          onClose={() => go({ membre: undefined })}
        />
      )}
      {mayChange && search.nouveau === 'oui' && (
        <MemberForm
          member={null}
          onClose={() => go({ nouveau: undefined })}
          onUndo={(id) => undo.mutate(id)}
        />
      )}
      {mayChange && (
        <ChangesDrawer opened={isListing} nameOfTrade={nameOf} onClose={() => setListing(false)} />
      )}
    </Page>
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

/** Actions on the whole list: past changes, duplicates, exports and the sticker. */
function Papers(props: { filter: MemberFilter; hasRows: boolean; onChanges: () => void; onAdd: () => void }) {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  return (
    <div className={classes.aside}>
      {may('member.change') && (
        <>
          <Button onClick={props.onAdd}>{t('memberForm.new')}</Button>
          <Button variant="default" onClick={props.onChanges}>
            {t('changes.title')}
          </Button>
        </>
      )}
      {may('member.merge') && (
        <Link className={classes.paper} to="/adherents/doublons">
          {t('doubles.link')}
        </Link>
      )}
      {may('member.export') &&
        props.hasRows &&
        (['xlsx', 'csv'] as const).map((format) => (
          <a
            key={format}
            className={classes.paper}
            href={urlOf(format === 'xlsx' ? 'exportMembersXlsx' : 'exportMembersCsv', {
              params: { scheme: scheme.id },
              query: props.filter,
            })}
            download
          >
            {t('members.export', { format: format.toUpperCase() })}
          </a>
        ))}
      <a
        className={classes.paper}
        href={urlOf('getSticker', { params: { scheme: scheme.id } })}
        target="_blank"
        rel="noreferrer"
      >
        {t('members.sticker')}
      </a>
    </div>
  )
}
