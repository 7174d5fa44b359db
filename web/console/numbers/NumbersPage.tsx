import { Button, Skeleton, UnstyledButton, VisuallyHidden } from '@mantine/core'
import IconPhoneCheck from '@tabler/icons-react/icons/IconPhoneCheck'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { NumberMember, NumberView } from '../../../src/members/numbers/contract.ts'
import { readablePhone } from '../../../src/message/phone.ts'
import { schemeQuery } from '../../api/queries.ts'
import { SearchField } from '../../ui/fields/SearchField.tsx'
import { countOf, dayOf } from '../../ui/format/format.ts'
import { useText } from '../../ui/format/text.ts'
import { tradeNameOf } from '../../ui/format/trade.ts'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { Page } from '../../ui/Page.tsx'
import { StateTag } from '../../ui/StateTag.tsx'
import { useRowKeys } from '../../ui/useRowKeys.ts'
import { TradeFilter } from '../members/list/TradeFilter.tsx'
import { MemberDrawer } from '../members/member/MemberDrawer.tsx'
import { OneOf } from '../room/call/Chips.tsx'
import { useCurrent } from '../shell/current.tsx'
import { describeHealth } from './health.ts'
import classes from './Numbers.module.css'
import { NumberTag } from './NumberTag.tsx'
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
      <VisuallyHidden id="facets-label">{t('numbers.facets')}</VisuallyHidden>
      <OneOf
        labelledBy="facets-label"
        prefix="facette"
        value={facet}
        choices={numberFacets.map((one) => ({
          value: one,
          label:
            counts === null
              ? t(`numbers.facet.${one}`)
              : `${t(`numbers.facet.${one}`)} (${countOf(lang, counts[one])})`,
        }))}
        onPick={(value) => go({ facette: numberFacets.find((one) => one === value), membre: undefined })}
      />
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
        <Empty
          icon={<IconPhoneCheck size={36} stroke={1.4} aria-hidden />}
          title={filtered ? t('filter.none') : t(`numbers.none.${facet}`)}
        >
          {filtered ? (
            <Button variant="default" onClick={() => go({ q: undefined, metier: undefined })}>
              {t('filter.reset')}
            </Button>
          ) : (
            t('numbers.none.hint')
          )}
        </Empty>
      )}
      {rows.length > 0 && (
        <ul
          className={classes.list}
          aria-label={t(`numbers.facet.${facet}`)}
          aria-busy={numbers.isPlaceholderData}
        >
          {rows.map((member) => (
            <Member
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

function Member(props: { member: NumberMember; trade: string; onOpen: (id: string) => void }) {
  const { t } = useText()
  const { member } = props
  return (
    <li className={classes.member}>
      <div>
        <UnstyledButton className={classes.name} data-row={member.id} onClick={() => props.onOpen(member.id)}>
          {member.name}
        </UnstyledButton>
        <span className={classes.where}>
          {[
            props.trade,
            member.commune.name,
            ...(member.status === 'active' ? [] : [t(`member.status.${member.status}`)]),
          ].join(' · ')}
        </span>
      </div>
      {member.numbers.length === 0 ? (
        <span className={classes.where}>{t('member.contacts.none')}</span>
      ) : (
        <ul className={classes.numbers}>
          {member.numbers.map((number) => (
            <li key={number.contactId}>
              <Line number={number} />
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}

function Line(props: { number: NumberView }) {
  const { t, lang } = useText()
  const { phone, person, kind, sms, health, said, sharedWith } = props.number
  const about = [
    ...(kind === 'mobile' && !sms ? [t('member.noSms')] : []),
    ...(health === null ? [] : [describeHealth(t, lang, health)]),
    ...(said === null ? [] : [t(`numbers.said.${said.what}.at`, { day: dayOf(lang, said.at) })]),
    ...(sharedWith.length === 0
      ? []
      : [t('numbers.sharedWith', { names: sharedWith.map(({ name }) => name).join(', ') })]),
  ]
  return (
    <>
      <span className={classes.line}>
        <b>{phone === null ? t('members.noPhone') : readablePhone(phone)}</b>
        {person !== '' && <span>{person}</span>}
        {kind === 'landline' && <StateTag tone="warn">{t('numbers.landline')}</StateTag>}
        {sms && health !== null && <NumberTag state={health.state} />}
        {said !== null && (
          <StateTag tone={said.what === 'gone' ? 'bad' : 'warn'}>{t(`numbers.said.${said.what}`)}</StateTag>
        )}
      </span>
      {about.length > 0 && <span className={classes.about}>{about.join(' · ')}</span>}
    </>
  )
}
