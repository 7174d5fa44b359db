import {
  Button,
  Checkbox,
  NativeSelect,
  Skeleton,
  Table,
  UnstyledButton,
  VisuallyHidden,
} from '@mantine/core'
import IconReceiptEuro from '@tabler/icons-react/icons/IconReceiptEuro'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import type {
  CampaignView,
  DuesFacet,
  DuesFigures,
  DuesLine,
  DuesPage as DuesPageView,
  LetterCount,
} from '../../../../src/dues/contract.ts'
import { DAY_MS } from '../../../../src/message/clock.ts'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import { urlOf } from '../../../api/client.ts'
import { schemeQuery } from '../../../api/queries.ts'
import { SearchField } from '../../../ui/fields/SearchField.tsx'
import { countOf, dayOf, moneyOf, percentOf, whenOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { tradeNameOf } from '../../../ui/format/trade.ts'
import { Empty, Failure } from '../../../ui/Notice.tsx'
import { Page } from '../../../ui/Page.tsx'
import { StateTag } from '../../../ui/StateTag.tsx'
import { useNew } from '../../../ui/useNew.ts'
import { useRowKeys } from '../../../ui/useRowKeys.ts'
import { TradeFilter } from '../../members/list/TradeFilter.tsx'
import { OneOf } from '../../room/call/Chips.tsx'
import { useCurrent } from '../../shell/current.tsx'
import { AccountDrawer } from '../account/AccountDrawer.tsx'
import classes from '../Dues.module.css'
import { DuesTag } from '../DuesTag.tsx'
import { duesQuery, lettersQuery } from '../queries.ts'
import { OpenCampaign } from './OpenCampaign.tsx'
import { type DuesSearch, duesFacets } from './search.ts'
import { WithdrawCampaign } from './WithdrawCampaign.tsx'

const ALL = 'all'

/** Shows the campaign of a year: what each member owes, the payments, and each member's account. */
export function DuesPage() {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  const { search, go } = useDuesSearch()
  useRowKeys(search.membre)
  const opening = useNew()
  const [isWithdrawing, setWithdrawing] = useState(false)
  const trades = useQuery(schemeQuery(scheme.id)).data?.trades ?? []
  const { dues, facet } = useListedDues()
  const first = dues.data?.pages[0]
  const mayOpen = may('dues.settings')
  const opens = mayOpen && (
    <Button variant="default" onClick={opening.open}>
      {t('dues.open')}
    </Button>
  )

  return (
    <Page title={t('nav.dues')} lead={t('dues.lead')} aside={first?.campaign != null && opens}>
      {dues.isError && <Failure error={dues.error} retry={() => void dues.refetch()} />}
      {dues.isPending && <Skeleton height={420} radius="lg" />}
      {first !== undefined && first.campaign === null && (
        <Empty
          icon={<IconReceiptEuro size={36} stroke={1.4} aria-hidden />}
          title={
            search.annee === undefined ? t('dues.none') : t('dues.none.year', { year: String(search.annee) })
          }
        >
          <p>{t(mayOpen ? 'dues.none.hint' : 'dues.none.wait')}</p>
          {opens}
        </Empty>
      )}
      {first?.campaign != null && (
        <>
          <Summary
            years={first.years}
            campaign={first.campaign}
            figures={first.figures}
            lateYears={first.lateYears}
            onYear={(annee) => go({ annee, membre: undefined })}
            onWithdraw={() => setWithdrawing(true)}
          />
          <Filters facet={facet} members={first.figures?.members} trades={trades} />
          {facet !== ALL && <p className={classes.about}>{t(`dues.hint.${facet}`)}</p>}
          <Listing dues={dues} facet={facet} trades={trades} />
        </>
      )}
      {opening.isNew && mayOpen && first !== undefined && (
        <OpenCampaign
          schemeId={scheme.id}
          trades={trades}
          years={first.years}
          onClose={opening.close}
          onOpened={(annee) => go({ ...UNFILTERED, nouveau: undefined, annee })}
        />
      )}
      {isWithdrawing && first?.campaign != null && (
        <WithdrawCampaign
          schemeId={scheme.id}
          year={first.campaign.year}
          onClose={() => setWithdrawing(false)}
          onWithdrawn={() => {
            setWithdrawing(false)
            go({ ...UNFILTERED, annee: undefined })
          }}
        />
      )}
      <AccountDrawer memberId={search.membre ?? null} onClose={() => go({ membre: undefined })} />
    </Page>
  )
}

/** The change of the search after which all members of a campaign are listed. */
const UNFILTERED = { etat: undefined, q: undefined, metier: undefined, membre: undefined }

/** The search in the address, and the function that changes a part of it. */
function useDuesSearch() {
  const search = useSearch({ from: '/shell/cotisations' })
  const navigate = useNavigate()
  return {
    search,
    go: (change: { [key in keyof DuesSearch]?: DuesSearch[key] | undefined }) =>
      void navigate({
        to: '/cotisations',
        search: Object.fromEntries(
          Object.entries({ ...search, ...change }).filter(([, value]) => value),
        ) as DuesSearch,
        replace: true,
      }),
  }
}

type Facet = DuesFacet | typeof ALL

/** Reads the dues that the search finds. Without a search, those of late members are listed first, if there are any. */
function useListedDues() {
  const { scheme } = useCurrent()
  const { search } = useDuesSearch()
  const queryOf = (facet: Facet) =>
    duesQuery(scheme.id, {
      year: search.annee,
      facet: facet === ALL ? undefined : facet,
      q: search.q,
      trade: search.metier,
      sort: 'age',
    })
  const late = useInfiniteQuery(queryOf('late'))
  const isSearched = search.etat !== undefined || search.q !== undefined || search.metier !== undefined
  const isNobodyLate = late.data?.pages[0]?.figures?.members.late === 0
  const facet: Facet = isSearched || isNobodyLate ? (search.etat ?? ALL) : 'late'
  return { facet, dues: useInfiniteQuery(queryOf(facet)) }
}

/** Filters the dues by their state, by name and by trade. */
function Filters(props: {
  facet: Facet
  members: DuesFigures['members'] | undefined
  trades: SchemeView['trades']
}) {
  const { t, lang } = useText()
  const { search, go } = useDuesSearch()
  const { facet, members } = props
  const labelOf = (one: Facet) => {
    const label = one === ALL ? t('filter.all') : t(`dues.state.${one}`)
    if (members === undefined) return label
    const count = one === ALL ? members.late + members.due + members.paid + members.exempt : members[one]
    return `${label} (${countOf(lang, count)})`
  }
  return (
    <>
      <VisuallyHidden id="etats-label">{t('dues.states')}</VisuallyHidden>
      <div className={classes.filters}>
        <OneOf
          labelledBy="etats-label"
          prefix="etat"
          value={facet}
          choices={([ALL, ...duesFacets] as const).map((one) => ({ value: one, label: labelOf(one) }))}
          onPick={(value) => go({ etat: duesFacets.find((one) => one === value) ?? ALL })}
        />
        <SearchField
          label={t('members.search')}
          value={search.q ?? ''}
          onSearch={(q) => go({ q })}
          className={classes.search ?? ''}
        />
        <TradeFilter
          trades={props.trades}
          value={search.metier ?? null}
          onPick={(metier) => go({ metier })}
        />
      </div>
    </>
  )
}

/** Lists what the members owe, and keeps which of them are picked for one act. */
function Listing(props: {
  dues: ReturnType<typeof useListedDues>['dues']
  facet: Facet
  trades: SchemeView['trades']
}) {
  const { t, lang } = useText()
  const { may } = useCurrent()
  const { search, go } = useDuesSearch()
  const { dues } = props
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set())
  const rows = dues.data?.pages.flatMap((page) => page.members) ?? []
  const filtered = props.facet !== ALL || Boolean(search.q ?? search.metier)
  return (
    <>
      {rows.length === 0 && (
        <Empty title={filtered ? t('filter.none') : t('dues.nobody')}>
          {filtered ? (
            <Button variant="default" onClick={() => go({ q: undefined, metier: undefined, etat: ALL })}>
              {t('filter.reset')}
            </Button>
          ) : (
            t('dues.nobody.hint')
          )}
        </Empty>
      )}
      {rows.length > 0 && (
        <Lines
          rows={rows}
          busy={dues.isPlaceholderData}
          nameOf={(code) => tradeNameOf(lang, props.trades, code)}
          onOpen={(membre) => go({ membre })}
          picked={may('dues.manage') ? picked : undefined}
          onPick={setPicked}
        />
      )}
      {picked.size > 0 && <Picked picked={picked} onClear={() => setPicked(new Set())} />}
      {dues.hasNextPage && (
        <Button
          variant="default"
          className={classes.more ?? ''}
          loading={dues.isFetchingNextPage}
          onClick={() => void dues.fetchNextPage()}
        >
          {t('action.more')}
        </Button>
      )}
    </>
  )
}

function Summary(props: {
  years: readonly number[]
  campaign: CampaignView
  figures: DuesFigures | null
  lateYears: DuesPageView['lateYears']
  onYear: (year: number) => void
  onWithdraw: () => void
}) {
  const { t, lang } = useText()
  const now = useMinute()
  const { scheme, may } = useCurrent()
  const { campaign, figures } = props
  const otherYears = props.lateYears.filter(({ year }) => year !== campaign.year)
  return (
    <section className={classes.summary} aria-label={t('dues.campaign', { year: String(campaign.year) })}>
      <NativeSelect
        label={t('dues.year')}
        value={String(campaign.year)}
        onChange={(event) => props.onYear(Number(event.currentTarget.value))}
        data={props.years.map(String)}
      />
      {figures !== null && (
        <dl className={classes.figures}>
          {(
            [
              ['dues.called', figures.calledCents],
              ['dues.settled', figures.settledCents],
              ['dues.remaining', figures.remainingCents],
            ] as const
          ).map(([label, cents]) => (
            <div key={label}>
              <dt>{t(label)}</dt>
              <dd>{moneyOf(lang, cents)}</dd>
            </div>
          ))}
        </dl>
      )}
      {figures !== null && figures.calledCents > 0 && <Progress figures={figures} />}
      <p className={classes.about}>
        {[
          t('dues.fee', { fee: moneyOf(lang, campaign.feeCents) }),
          t('dues.dueOn', { day: dayOf(lang, campaign.dueOn) }),
          t(campaign.proRata ? 'dues.proRata.yes' : 'dues.proRata.no'),
        ].join(' · ')}
      </p>
      {otherYears.length > 0 && (
        <div className={classes.others}>
          <span id="autres-annees">{t('dues.lateYears')}</span>
          <ul className={classes.years} aria-labelledby="autres-annees">
            {otherYears.map(({ year, members }) => (
              <li key={year}>
                <Link className={classes.paper} to="/cotisations" search={{ annee: year, etat: 'late' }}>
                  {t('dues.lateYear', { year: String(year), count: members, shown: countOf(lang, members) })}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      )}
      {Date.parse(campaign.callsFrom) > now && (
        <p className={classes.ruled} role="status">
          {t('dues.calls.from', { when: whenOf(lang, campaign.callsFrom, now) })}
        </p>
      )}
      {campaign.withdrawable && may('dues.settings') && (
        <Button variant="default" className={classes.left ?? ''} onClick={props.onWithdraw}>
          {t('dues.withdraw')}
        </Button>
      )}
      {may('dues.manage') && figures !== null && figures.remainingCents > 0 && (
        <Letters schemeId={scheme.id} />
      )}
      {may('dues.export') && (
        <Link className={classes.paper} to="/cotisations/comptabilite" search={{ annee: campaign.year }}>
          {t('dues.accounting.open', { year: String(campaign.year) })}
        </Link>
      )}
    </section>
  )
}

const WHO = ['owing', 'late', 'no_mail'] as const

/** Calls on paper: one file to print, or a table for a mail merge. */
function Letters(props: { schemeId: string }) {
  const { t } = useText()
  const [who, setWho] = useState<(typeof WHO)[number]>('no_mail')
  const [isOpen, setOpen] = useState(false)
  const count = useQuery(lettersQuery(props.schemeId, who, isOpen)).data
  const address = { params: { scheme: props.schemeId }, query: { who } }
  return (
    <details className={classes.group} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('dues.letters')}</summary>
      <p className={classes.about}>{t('dues.letters.what')}</p>
      <div className={classes.inline}>
        <NativeSelect
          label={t('dues.letters.who')}
          value={who}
          onChange={(event) => setWho(WHO.find((one) => one === event.currentTarget.value) ?? 'owing')}
          data={[
            { value: 'no_mail', label: t('dues.letters.no_mail') },
            { value: 'late', label: t('dues.letters.late') },
            { value: 'owing', label: t('dues.letters.owing') },
          ]}
        />
        <a className={classes.paper} href={urlOf('getCalls', address)} target="_blank" rel="noreferrer">
          {t('dues.letters.pdf')}
        </a>
        <a className={classes.paper} href={urlOf('exportLettersCsv', address)} download>
          {t('dues.letters.csv')}
        </a>
        <a className={classes.paper} href={urlOf('exportLettersXlsx', address)} download>
          {t('dues.letters.xlsx')}
        </a>
      </div>
      {count !== undefined && (
        <p className={classes.about} role="status">
          {t('dues.letters.count', { count: count.letters })}
        </p>
      )}
      {count !== undefined && count.withoutPostalCode > 0 && <Unaddressed count={count} who={who} />}
      {count !== undefined && count.cut > 0 && <Cut count={count} />}
    </details>
  )
}

/** The letters whose address has no postal code, each with the page where it is added. */
function Unaddressed({ count, who }: { count: LetterCount; who: (typeof WHO)[number] }) {
  const { t } = useText()
  const filter = { codePostal: 'absent', cotisation: who === 'late' ? 'late' : 'owing' } as const
  return (
    <div className={classes.ruled}>
      <p>
        {t('dues.letters.without', { count: count.withoutPostalCode })}{' '}
        <Link to="/adherents" search={filter}>
          {t('dues.letters.without.see')}
        </Link>
      </p>
      <Addressees
        members={count.members}
        more={count.withoutPostalCode - count.members.length}
        filter={filter}
      />
    </div>
  )
}

/** The letters whose address does not fit in the window, each with the page where it is shortened. */
function Cut({ count }: { count: LetterCount }) {
  const { t } = useText()
  return (
    <div className={classes.ruled}>
      <p>{t('dues.letters.cut', { count: count.cut })}</p>
      <Addressees members={count.cutMembers} more={count.cut - count.cutMembers.length} filter={{}} />
    </div>
  )
}

/** Members with their pages, and how many more there are. */
function Addressees(props: {
  members: LetterCount['members']
  more: number
  filter: { codePostal?: 'absent'; cotisation?: 'late' | 'owing' }
}) {
  const { t } = useText()
  return (
    <ul>
      {props.members.map(({ id, name }) => (
        <li key={id}>
          <Link to="/adherents" search={{ ...props.filter, membre: id }}>
            {name}
          </Link>
        </li>
      ))}
      {props.more > 0 && <li>{t('dues.letters.without.more', { count: props.more })}</li>}
    </ul>
  )
}

/** The bar of members that were ticked. */
function Picked(props: { picked: ReadonlySet<string>; onClear: () => void }) {
  const { t } = useText()
  return (
    <div className={classes.picked} role="status">
      <b>{t('typed.picked', { count: props.picked.size })}</b>
      <Button
        component={Link}
        to="/cotisations/paiements"
        search={{ adherents: [...props.picked].join(',') } as never}
      >
        {t('typed.pay')}
      </Button>
      <Button variant="default" onClick={props.onClear}>
        {t('typed.unpick')}
      </Button>
    </div>
  )
}

/** Shows the settled share of the campaign, and the number of members who paid. */
function Progress({ figures }: { figures: DuesFigures }) {
  const { t, lang } = useText()
  const { late, due, paid } = figures.members
  const share = percentOf(lang, figures.settledCents / figures.calledCents)
  return (
    <div className={classes.progress}>
      <progress
        max={figures.calledCents}
        value={figures.settledCents}
        aria-label={t('dues.progress')}
        aria-valuetext={t('dues.progress.percent', { share })}
      />
      <span>
        {t('dues.progress.said', {
          share,
          paid,
          members: late + due + paid,
        })}
      </span>
    </div>
  )
}

/** As many as one act records. */
const MAX_PICKED = 200

/** Shows the time for which a member has been late, in days under two months. */
function Age({ since }: { since: string | null }) {
  const { t } = useText()
  const now = useMinute()
  if (since === null) return null
  const days = Math.max(1, Math.floor((now - Date.parse(since)) / DAY_MS))
  return t('dues.age', {
    unit: days < 60 ? 'days' : 'months',
    count: days < 60 ? days : Math.floor(days / 30.44),
  })
}

function Lines(props: {
  rows: readonly DuesLine[]
  busy: boolean
  nameOf: (code: string) => string
  onOpen: (id: string) => void
  /** Undefined if nothing can be done with many. */
  picked: ReadonlySet<string> | undefined
  onPick: (picked: ReadonlySet<string>) => void
}) {
  const { t, lang } = useText()
  const toggle = (id: string) => {
    const next = new Set(props.picked)
    if (!next.delete(id)) next.add(id)
    props.onPick(next)
  }
  return (
    <section
      className={classes.table}
      aria-busy={props.busy}
      aria-label={t('nav.dues')}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
    >
      <Table verticalSpacing={8} horizontalSpacing="md" highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            {props.picked !== undefined && (
              <Table.Th className={classes.tick ?? ''}>
                <VisuallyHidden>{t('dues.pay')}</VisuallyHidden>
              </Table.Th>
            )}
            <Table.Th>{t('members.name')}</Table.Th>
            <Table.Th className={classes.wide ?? ''}>{t('members.trade')}</Table.Th>
            <Table.Th className={`${classes.amount} ${classes.wide}`}>{t('dues.amount')}</Table.Th>
            <Table.Th className={classes.amount ?? ''}>{t('dues.left')}</Table.Th>
            <Table.Th className={`${classes.amount} ${classes.wide}`} aria-sort="descending">
              {t('dues.age.title')}
            </Table.Th>
            <Table.Th>{t('members.status')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {props.rows.map((row) => (
            <Table.Tr key={row.id} className={classes.row ?? ''} onClick={() => props.onOpen(row.id)}>
              {props.picked !== undefined && (
                <Table.Td onClick={(event) => event.stopPropagation()}>
                  <Checkbox
                    aria-label={t('typed.pick', { name: row.name })}
                    checked={props.picked.has(row.id)}
                    disabled={!props.picked.has(row.id) && props.picked.size >= MAX_PICKED}
                    onChange={() => toggle(row.id)}
                  />
                </Table.Td>
              )}
              <Table.Td>
                <UnstyledButton
                  className={classes.name}
                  data-row={row.id}
                  onClick={(event) => {
                    event.stopPropagation()
                    props.onOpen(row.id)
                  }}
                >
                  {row.name}
                </UnstyledButton>
                <small className={classes.where}>
                  {[
                    row.commune.name,
                    ...(row.status === 'active' ? [] : [t(`member.status.${row.status}`)]),
                  ].join(' · ')}
                </small>
              </Table.Td>
              <Table.Td className={classes.wide ?? ''}>{props.nameOf(row.trade)}</Table.Td>
              <Table.Td className={`${classes.amount} ${classes.wide}`}>
                {moneyOf(lang, row.amountCents)}
              </Table.Td>
              <Table.Td className={classes.amount ?? ''}>{moneyOf(lang, row.remainingCents)}</Table.Td>
              <Table.Td className={`${classes.amount} ${classes.wide}`}>
                <Age since={row.lateSince} />
              </Table.Td>
              <Table.Td>
                <span className={classes.tags}>
                  <DuesTag state={row.state} />
                  {row.suspended && <StateTag tone="bad">{t('dues.state.suspended')}</StateTag>}
                  {row.unnotified && <StateTag tone="warn">{t('dues.state.unnotified')}</StateTag>}
                </span>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  )
}
