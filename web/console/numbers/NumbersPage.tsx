import { Button, Skeleton, VisuallyHidden } from '@mantine/core'
import IconPhoneCheck from '@tabler/icons-react/icons/IconPhoneCheck'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { NumberFacet } from '../../../src/members/contract.ts'
import { schemeQuery } from '../../api/queries.ts'
import { SearchField } from '../../ui/fields/SearchField.tsx'
import { countOf } from '../../ui/format/format.ts'
import { useText } from '../../ui/format/text.ts'
import { tradeNameOf } from '../../ui/format/trade.ts'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { Page } from '../../ui/Page.tsx'
import { useRowKeys } from '../../ui/useRowKeys.ts'
import { TradeFilter } from '../members/list/TradeFilter.tsx'
import { MemberDrawer } from '../members/member/MemberDrawer.tsx'
import { OneOf } from '../room/call/Chips.tsx'
import { useCurrent } from '../shell/current.tsx'
import { MemberNumbers } from './MemberNumbers.tsx'
import classes from './Numbers.module.css'
import { numbersQuery } from './queries.ts'
import { Reconfirm } from './Reconfirm.tsx'
import { type NumbersSearch, numberFacets } from './search.ts'

/** Lists members whose numbers need attention: dead, doubtful, none that can receive SMS, landlines, shared. */
export function NumbersPage() {
  const { t, lang } = useText()
  const { scheme, may } = useCurrent()
  const search = useSearch({ from: '/shell/numeros' })
  const navigate = useNavigate()
  useRowKeys(search.membre)
  const trades = useQuery(schemeQuery(scheme.id)).data?.trades ?? []
  const facet = search.facette ?? 'dead'
  const numbers = useInfiniteQuery(numbersQuery(scheme.id, { facet, q: search.q, trade: search.metier }))
  const rows = numbers.data?.pages.flatMap((page) => page.members) ?? []
  const counts = numbers.data?.pages[0]?.counts ?? null
  const filtered = Boolean(search.q ?? search.metier)
  const nameOf = (code: string) => tradeNameOf(lang, trades, code)
  const go = (change: { [key in keyof NumbersSearch]?: NumbersSearch[key] | undefined }) =>
    void navigate({
      to: '/numeros',
      search: Object.fromEntries(
        Object.entries({ ...search, ...change }).filter(([, value]) => value),
      ) as NumbersSearch,
      replace: true,
    })

  return (
    <Page title={t('nav.numbers')} lead={t('numbers.lead')}>
      <Facets facet={facet} counts={counts} onPick={(facette) => go({ facette, membre: undefined })} />
      <p className={classes.hint}>{t(`numbers.hint.${facet}`)}</p>
      <div className={classes.bar}>
        <SearchField
          label={t('members.search')}
          value={search.q ?? ''}
          onSearch={(q) => go({ q })}
          className={classes.search ?? ''}
        />
        <TradeFilter trades={trades} value={search.metier ?? null} onPick={(metier) => go({ metier })} />
      </div>
      {numbers.isError && <Failure error={numbers.error} retry={() => void numbers.refetch()} />}
      {numbers.isPending && <Skeleton height={320} radius="lg" />}
      {numbers.isSuccess && rows.length === 0 && (
        <NoNumbers
          facet={facet}
          onReset={filtered ? () => go({ q: undefined, metier: undefined }) : undefined}
        />
      )}
      {rows.length > 0 && (
        <ul
          className={classes.list}
          aria-label={t(`numbers.facet.${facet}`)}
          aria-busy={numbers.isPlaceholderData}
        >
          {rows.map((member) => (
            <MemberNumbers
              key={member.id}
              member={member}
              trade={nameOf(member.trade)}
              onOpen={(id) => go({ membre: id })}
            />
          ))}
        </ul>
      )}
      {numbers.hasNextPage && (
        <Button
          variant="default"
          className={classes.more ?? ''}
          loading={numbers.isFetchingNextPage}
          onClick={() => void numbers.fetchNextPage()}
        >
          {t('action.more')}
        </Button>
      )}
      {may('number.settings') && <Reconfirm key={scheme.id} schemeId={scheme.id} />}
      <MemberDrawer
        memberId={search.membre ?? null}
        nameOfTrade={nameOf}
        onClose={() => go({ membre: undefined })}
      />
    </Page>
  )
}

/** Chooses what is wrong with the numbers, each with how many members have it. */
function Facets(props: {
  facet: NumberFacet
  counts: Readonly<Record<NumberFacet, number>> | null
  onPick: (facet: NumberFacet | undefined) => void
}) {
  const { t, lang } = useText()
  const { counts } = props
  const labelOf = (one: NumberFacet) => {
    const label = t(`numbers.facet.${one}`)
    return counts === null ? label : `${label} (${countOf(lang, counts[one])})`
  }
  return (
    <>
      <VisuallyHidden id="facets-label">{t('numbers.facets')}</VisuallyHidden>
      <OneOf
        labelledBy="facets-label"
        prefix="facette"
        value={props.facet}
        choices={numberFacets.map((one) => ({ value: one, label: labelOf(one) }))}
        onPick={(value) => props.onPick(numberFacets.find((one) => one === value))}
      />
    </>
  )
}

/** Says that no member has such a number, or that the filter finds none. @param props `onReset` undefined: nothing is filtered */
function NoNumbers(props: { facet: NumberFacet; onReset: (() => void) | undefined }) {
  const { t } = useText()
  const { onReset } = props
  return (
    <Empty
      icon={<IconPhoneCheck size={36} stroke={1.4} aria-hidden />}
      title={onReset === undefined ? t(`numbers.none.${props.facet}`) : t('filter.none')}
    >
      {onReset === undefined ? (
        t('numbers.none.hint')
      ) : (
        <Button variant="default" onClick={onReset}>
          {t('filter.reset')}
        </Button>
      )}
    </Empty>
  )
}
