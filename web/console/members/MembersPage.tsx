import { Button, Select, Skeleton, Table, UnstyledButton } from '@mantine/core'
import IconUsers from '@tabler/icons-react/icons/IconUsers'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { MemberSummary, NumberFacet } from '../../../src/members/contract.ts'
import { inScheme, urlOf } from '../../api/client.ts'
import { type MemberStatus, membersQuery, schemeQuery } from '../../api/queries.ts'
import { readablePhone } from '../../ui/format.ts'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { Page } from '../../ui/Page.tsx'
import { SearchField } from '../../ui/SearchField.tsx'
import { StateTag, type Tone } from '../../ui/StateTag.tsx'
import { useText } from '../../ui/text.ts'
import { NumberTag } from '../numbers/NumberTag.tsx'
import { numberFacets } from '../numbers/search.ts'
import { useCurrent } from '../shell/current.tsx'
import { CommuneFilter } from './CommuneFilter.tsx'
import { MemberDrawer } from './MemberDrawer.tsx'
import classes from './Members.module.css'
import { TradeFilter } from './TradeFilter.tsx'

const tones: Record<MemberStatus, Tone> = {
  active: 'neutral',
  pending: 'warn',
  suspended: 'bad',
  left: 'neutral',
}

export interface MembersSearch {
  q?: string
  metier?: string
  commune?: string
  etat?: MemberStatus
  numeros?: NumberFacet
  /** The member whose page is open. */
  membre?: string
}

/** Who is in the scheme: search, facets, and each member's page. */
export function MembersPage() {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const search = useSearch({ from: '/shell/adherents' })
  const navigate = useNavigate()
  const trades = useQuery(schemeQuery(scheme.id)).data?.trades ?? []
  const members = useInfiniteQuery(
    membersQuery(scheme.id, {
      q: search.q,
      trade: search.metier,
      commune: search.commune,
      status: search.etat,
      numbers: search.numeros,
    }),
  )
  const rows = members.data?.pages.flatMap((page) => page.members) ?? []
  const counts = members.data?.pages[0]?.counts ?? null
  const filtered = Boolean(search.q ?? search.metier ?? search.commune ?? search.etat ?? search.numeros)
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
        <a
          className={classes.paper}
          href={urlOf(inScheme(scheme.id, '/sticker.pdf'))}
          target="_blank"
          rel="noreferrer"
        >
          {t('members.sticker')}
        </a>
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
          data={(Object.keys(tones) as MemberStatus[]).map((status) => ({
            value: status,
            label: t(`member.status.${status}`),
          }))}
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
      </div>
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
              onClick={() =>
                go({
                  q: undefined,
                  metier: undefined,
                  commune: undefined,
                  etat: undefined,
                  numeros: undefined,
                })
              }
            >
              {t('filter.reset')}
            </Button>
          ) : (
            t('members.none.hint')
          )}
        </Empty>
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
    </Page>
  )
}

function Row(props: { member: MemberSummary; trade: string; onOpen: () => void }) {
  const { t } = useText()
  const { member } = props
  return (
    <Table.Tr className={classes.row ?? ''} onClick={props.onOpen}>
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
