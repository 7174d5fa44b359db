import { Button, Checkbox, Select, Skeleton, Table, UnstyledButton } from '@mantine/core'
import IconUsers from '@tabler/icons-react/icons/IconUsers'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import type { MemberSummary } from '../../../src/members/contract.ts'
import { urlOf } from '../../api/client.ts'
import { type MemberStatus, membersQuery, schemeQuery } from '../../api/queries.ts'
import { countOf, readablePhone } from '../../ui/format.ts'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { Page } from '../../ui/Page.tsx'
import { SearchField } from '../../ui/SearchField.tsx'
import { StateTag, type Tone } from '../../ui/StateTag.tsx'
import { useText } from '../../ui/text.ts'
import { NumberTag } from '../numbers/NumberTag.tsx'
import { numberFacets } from '../numbers/search.ts'
import { useCurrent } from '../shell/current.tsx'
import { BulkBar, type Selection } from './BulkBar.tsx'
import { ChangesDrawer } from './ChangesDrawer.tsx'
import { CommuneFilter } from './CommuneFilter.tsx'
import { MemberDrawer } from './MemberDrawer.tsx'
import classes from './Members.module.css'
import { charterFacets, filterOf, isSameFilter, type MembersSearch, searchOf } from './search.ts'
import { TradeFilter } from './TradeFilter.tsx'
import { useUndo } from './useUndo.ts'
import { Views } from './Views.tsx'

const tones: Record<MemberStatus, Tone> = {
  active: 'neutral',
  pending: 'warn',
  suspended: 'bad',
  left: 'neutral',
}

const duesFacets = ['owing', 'settled'] as const

/** Lists the members of the scheme: search, facets, and each member's data. */
export function MembersPage() {
  const { t, lang } = useText()
  const { scheme, may } = useCurrent()
  const search = useSearch({ from: '/shell/adherents' })
  const navigate = useNavigate()
  const trades = useQuery(schemeQuery(scheme.id)).data?.trades ?? []
  const filter = filterOf(search)
  const members = useInfiniteQuery(membersQuery(scheme.id, filter))
  const rows = members.data?.pages.flatMap((page) => page.members) ?? []
  const counts = members.data?.pages[0]?.counts ?? null
  const filtered = !isSameFilter(filter, {})
  const [isListing, setListing] = useState(false)
  const [chosen, setChosen] = useState<{ of: string; selection: Selection } | null>(null)
  // A new filter clears the selection, so that no member is changed who is not on screen.
  const listed = JSON.stringify([scheme.id, filter])
  const selection = chosen?.of === listed ? chosen.selection : null
  const choose = (next: Selection | null) => setChosen(next === null ? null : { of: listed, selection: next })
  const chosenIds = selection !== null && 'ids' in selection ? selection.ids : null
  const isChosen = (id: string) => selection !== null && (chosenIds === null || chosenIds.has(id))
  const undo = useUndo(scheme.id, ({ kept }) => {
    if (kept.length > 0) setListing(true)
  })
  const mayChange = may('member.change')
  const shownChosen = rows.filter((row) => isChosen(row.id)).length
  const toggle = (ids: readonly string[], on: boolean) => {
    const next = new Set(chosenIds ?? (selection === null ? [] : rows.map(({ id }) => id)))
    for (const id of ids) {
      if (on) next.add(id)
      else next.delete(id)
    }
    choose(next.size === 0 ? null : { ids: next })
  }
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
    })

  return (
    <Page
      title={t('nav.members')}
      lead={counts === null ? t('members.lead') : t('members.count', { count: counts.total })}
      aside={
        <div className={classes.aside}>
          {mayChange && (
            <Button variant="default" onClick={() => setListing(true)}>
              {t('changes.title')}
            </Button>
          )}
          {may('member.merge') && (
            <Link className={classes.paper} to="/adherents/doublons">
              {t('doubles.link')}
            </Link>
          )}
          {may('member.export') &&
            rows.length > 0 &&
            (['xlsx', 'csv'] as const).map((format) => (
              <a
                key={format}
                className={classes.paper}
                href={urlOf(format === 'xlsx' ? 'exportMembersXlsx' : 'exportMembersCsv', {
                  params: { scheme: scheme.id },
                  query: filter,
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
      }
    >
      <div className={classes.filters}>
        <SearchField
          label={t('members.search')}
          value={search.q ?? ''}
          onSearch={(q) => go({ q })}
          className={classes.search ?? ''}
        />
        <TradeFilter
          trades={trades}
          counts={counts?.byTrade}
          value={search.metier ?? null}
          onPick={(metier) => go({ metier })}
        />
        <CommuneFilter
          schemeId={scheme.id}
          value={search.commune ?? null}
          known={rows.find((row) => row.commune.code === search.commune)?.commune.name ?? null}
          onPick={(commune) => go({ commune: commune ?? undefined })}
        />
        <Select
          aria-label={t('members.status')}
          placeholder={t('members.status')}
          clearable
          clearButtonProps={{ 'aria-label': t('filter.clear') }}
          value={search.etat ?? null}
          onChange={(value) => go({ etat: value ?? undefined })}
          data={[
            ...(Object.keys(tones) as MemberStatus[]).map((status) => ({
              value: status,
              label:
                counts === null || search.etat !== undefined
                  ? t(`member.status.${status}`)
                  : `${t(`member.status.${status}`)} (${countOf(lang, counts.byStatus[status])})`,
            })),
            ...(may('member.change') ? [{ value: 'untold' as const, label: t('member.status.untold') }] : []),
          ]}
        />
        <Select
          aria-label={t('members.numbers')}
          placeholder={t('members.numbers')}
          clearable
          clearButtonProps={{ 'aria-label': t('filter.clear') }}
          value={search.numeros ?? null}
          onChange={(value) => go({ numeros: numberFacets.find((one) => one === value) })}
          data={numberFacets.map((one) => ({ value: one, label: t(`numbers.facet.${one}`) }))}
        />
        {may('dues.read') && (
          <Select
            aria-label={t('members.dues')}
            placeholder={t('members.dues')}
            clearable
            clearButtonProps={{ 'aria-label': t('filter.clear') }}
            value={search.cotisation ?? null}
            onChange={(value) => go({ cotisation: duesFacets.find((one) => one === value) })}
            data={duesFacets.map((one) => ({ value: one, label: t(`members.dues.${one}`) }))}
          />
        )}
        {may('enrolment.read') && (
          <Select
            aria-label={t('members.charter')}
            placeholder={t('members.charter')}
            clearable
            clearButtonProps={{ 'aria-label': t('filter.clear') }}
            value={search.charte ?? null}
            onChange={(value) => go({ charte: charterFacets.find((one) => one === value) })}
            data={charterFacets.map((one) => ({ value: one, label: t(`members.charter.${one}`) }))}
          />
        )}
      </div>
      <Views
        filter={filter}
        onPick={(next) => void navigate({ to: '/adherents', search: searchOf(next), replace: true })}
      />
      {members.isError && <Failure error={members.error} retry={() => void members.refetch()} />}
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
          ) : may('member.import') ? (
            <Button component={Link} to="/importer" mt={8}>
              {t('members.import')}
            </Button>
          ) : (
            t('members.none.hint')
          )}
        </Empty>
      )}
      {selection !== null && counts !== null && (
        <BulkBar
          selection={selection}
          total={counts.total}
          trades={trades.map(({ code }) => ({ code, name: nameOf(code) }))}
          onAll={() => choose({ filter, count: counts.total })}
          onClear={() => choose(null)}
          onUndo={(id) => undo.mutate(id)}
        />
      )}
      {rows.length > 0 && (
        <section
          className={classes.table}
          aria-busy={members.isPlaceholderData}
          aria-label={t('nav.members')}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
        >
          <Table verticalSpacing={8} horizontalSpacing="md" highlightOnHover stickyHeader={false}>
            <Table.Thead>
              <Table.Tr>
                {mayChange && (
                  <Table.Th className={classes.check ?? ''}>
                    <Checkbox
                      aria-label={t('bulk.chooseShown')}
                      checked={shownChosen === rows.length}
                      indeterminate={shownChosen > 0 && shownChosen < rows.length}
                      onChange={(event) =>
                        toggle(
                          rows.map(({ id }) => id),
                          event.currentTarget.checked,
                        )
                      }
                    />
                  </Table.Th>
                )}
                <Table.Th>{t('members.name')}</Table.Th>
                <Table.Th className={classes.wide ?? ''}>{t('members.trade')}</Table.Th>
                <Table.Th className={classes.wide ?? ''}>{t('members.commune')}</Table.Th>
                <Table.Th className={classes.wide ?? ''}>{t('members.phones')}</Table.Th>
                <Table.Th>{t('members.status')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((member) => (
                <Row
                  key={member.id}
                  member={member}
                  trade={nameOf(member.trade)}
                  onOpen={() => go({ membre: member.id })}
                  chosen={mayChange ? isChosen(member.id) : null}
                  onChoose={(on) => toggle([member.id], on)}
                />
              ))}
            </Table.Tbody>
          </Table>
        </section>
      )}
      {members.hasNextPage && (
        <Button
          variant="default"
          className={classes.more ?? ''}
          loading={members.isFetchingNextPage}
          onClick={() => void members.fetchNextPage()}
        >
          {t('action.more')}
        </Button>
      )}
      <MemberDrawer
        memberId={search.membre ?? null}
        nameOfTrade={nameOf}
        onClose={() => go({ membre: undefined })}
      />
      {mayChange && (
        <ChangesDrawer opened={isListing} nameOfTrade={nameOf} onClose={() => setListing(false)} />
      )}
    </Page>
  )
}

function Row(props: {
  member: MemberSummary
  trade: string
  onOpen: () => void
  /** Null if the user may not change several members. */
  chosen: boolean | null
  onChoose: (on: boolean) => void
}) {
  const { t } = useText()
  const { member } = props
  return (
    <Table.Tr className={classes.row ?? ''} onClick={props.onOpen} data-chosen={props.chosen || undefined}>
      {props.chosen !== null && (
        <Table.Td className={classes.check ?? ''} onClick={(event) => event.stopPropagation()}>
          <Checkbox
            aria-label={t('bulk.choose', { name: member.name })}
            checked={props.chosen}
            onChange={(event) => props.onChoose(event.currentTarget.checked)}
          />
        </Table.Td>
      )}
      <Table.Td>
        <UnstyledButton
          className={classes.name}
          onClick={(event) => {
            event.stopPropagation()
            props.onOpen()
          }}
        >
          {member.name}
        </UnstyledButton>{' '}
        <NumberTag state={member.numbers} />
        <small className={classes.narrow}>
          {[member.commune.name, props.trade, ...member.phones.map(readablePhone)].join(' · ')}
        </small>
      </Table.Td>
      <Table.Td className={classes.wide ?? ''}>{props.trade}</Table.Td>
      <Table.Td className={classes.wide ?? ''}>{member.commune.name}</Table.Td>
      <Table.Td className={`${classes.phones} ${classes.wide}`}>
        {member.phones.length === 0 ? (
          <span className={classes.warn}>{t('members.noPhone')}</span>
        ) : (
          member.phones.map(readablePhone).join(', ')
        )}
      </Table.Td>
      <Table.Td>
        <StateTag tone={tones[member.status]}>{t(`member.status.${member.status}`)}</StateTag>
      </Table.Td>
    </Table.Tr>
  )
}
