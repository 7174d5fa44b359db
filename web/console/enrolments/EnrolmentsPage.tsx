import { SegmentedControl, Skeleton, Table, UnstyledButton } from '@mantine/core'
import IconUserPlus from '@tabler/icons-react/icons/IconUserPlus'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useRouter, useSearch } from '@tanstack/react-router'
import type { EnrolmentQuery, EnrolmentSummary } from '../../../src/enrolment/contract.ts'
import { schemeQuery } from '../../api/queries.ts'
import { countOf, momentOf } from '../../ui/format/format.ts'
import { useMinute } from '../../ui/format/now.ts'
import { useText } from '../../ui/format/text.ts'
import { tradeNameOf } from '../../ui/format/trade.ts'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { Page } from '../../ui/Page.tsx'
import { StateTag } from '../../ui/StateTag.tsx'
import { useRowKeys } from '../../ui/useRowKeys.ts'
import { useCurrent } from '../shell/current.tsx'
import { AutoApprove } from './AutoApprove.tsx'
import { Corrections } from './Corrections.tsx'
import { EnrolmentDrawer } from './EnrolmentDrawer.tsx'
import classes from './Enrolments.module.css'
import { enrolmentsQuery } from './queries.ts'

export const enrolmentStates = ['submitted', 'approved', 'refused'] as const

export interface EnrolmentsSearch {
  etat?: EnrolmentQuery['state']
  /** The request that is open. */
  demande?: string
}

/** Lists the corrections that businesses ask for, then the requests to join: pending ones, and those decided. */
export function EnrolmentsPage() {
  const { t, lang } = useText()
  const { scheme, may } = useCurrent()
  const search = useSearch({ from: '/shell/demandes' })
  const navigate = useNavigate()
  const router = useRouter()
  const { href: address } = router.buildLocation({
    to: '/dispositif/$scheme',
    params: { scheme: scheme.id },
  })
  useRowKeys(search.demande)
  const state = search.etat ?? 'submitted'
  const trades = useQuery(schemeQuery(scheme.id)).data?.trades ?? []
  const page = useQuery(enrolmentsQuery(scheme.id, state))
  const rows = page.data?.enrolments ?? []
  const counts = page.data?.counts
  const nameOf = (code: string) => tradeNameOf(lang, trades, code)
  const go = (change: { [key in keyof EnrolmentsSearch]?: EnrolmentsSearch[key] | undefined }) =>
    void navigate({
      to: '/demandes',
      search: Object.fromEntries(
        Object.entries({ ...search, ...change }).filter(([, value]) => value),
      ) as EnrolmentsSearch,
      replace: true,
    })
  const withCount = (one: EnrolmentQuery['state']) => {
    const label = t(`enrolments.state.${one}`)
    return counts === undefined ? label : `${label} (${countOf(lang, counts[one])})`
  }
  return (
    <Page title={t('nav.enrolments')} lead={t('enrolments.lead')}>
      {may('member.change') && <Corrections nameOfTrade={nameOf} />}
      <h2 id="adhesions" className={classes.sectionTitle}>
        {t('enrolments.title')}
      </h2>
      <div className={classes.bar}>
        <SegmentedControl
          aria-label={t('enrolments.states')}
          value={state}
          onChange={(value) => go({ etat: enrolmentStates.find((one) => one === value), demande: undefined })}
          data={enrolmentStates.map((one) => ({ value: one, label: withCount(one) }))}
        />
        {may('enrolment.settings') && <AutoApprove schemeId={scheme.id} />}
      </div>
      {page.isError && <Failure error={page.error} retry={() => void page.refetch()} />}
      {page.isPending && <Skeleton height={280} radius="lg" />}
      {page.isSuccess && rows.length === 0 && (
        <Empty
          icon={<IconUserPlus size={36} stroke={1.4} aria-hidden />}
          title={t(`enrolments.none.${state}`)}
        >
          <p>
            {t('enrolments.none.hint')}{' '}
            <Link
              to="/dispositif/$scheme"
              params={{ scheme: scheme.id }}
            >{`${location.origin}${address}`}</Link>
          </p>
        </Empty>
      )}
      {rows.length > 0 && (
        <section
          className={classes.table}
          aria-labelledby="adhesions"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
        >
          <Table verticalSpacing={8} horizontalSpacing="md" highlightOnHover>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('members.name')}</Table.Th>
                <Table.Th className={classes.wide ?? ''}>{t('members.trade')}</Table.Th>
                <Table.Th className={classes.wide ?? ''}>{t('members.commune')}</Table.Th>
                <Table.Th className={classes.wide ?? ''}>{t('enrolments.person')}</Table.Th>
                <Table.Th>{state === 'submitted' ? t('enrolments.since') : t('enrolments.decided')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((row) => (
                <Row
                  key={row.id}
                  row={row}
                  trade={nameOf(row.trade)}
                  onOpen={() => go({ demande: row.id })}
                />
              ))}
            </Table.Tbody>
          </Table>
        </section>
      )}
      <EnrolmentDrawer
        id={search.demande ?? null}
        nameOfTrade={nameOf}
        onClose={() => go({ demande: undefined })}
      />
    </Page>
  )
}

function Row(props: { row: EnrolmentSummary; trade: string; onOpen: () => void }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { row } = props
  return (
    <Table.Tr className={classes.row ?? ''} onClick={props.onOpen}>
      <Table.Td>
        <UnstyledButton
          className={classes.name}
          data-row={row.id}
          onClick={(event) => {
            event.stopPropagation()
            props.onOpen()
          }}
        >
          {row.name}
        </UnstyledButton>{' '}
        {row.verified && <StateTag tone="good">{t('enrolments.verified')}</StateTag>}
        <small className={classes.narrow}>{[row.commune.name, props.trade, row.person].join(' · ')}</small>
      </Table.Td>
      <Table.Td className={classes.wide ?? ''}>{props.trade}</Table.Td>
      <Table.Td className={classes.wide ?? ''}>{row.commune.name}</Table.Td>
      <Table.Td className={classes.wide ?? ''}>{row.person}</Table.Td>
      <Table.Td>{momentOf(lang, row.decidedAt ?? row.submittedAt, now)}</Table.Td>
    </Table.Tr>
  )
}
