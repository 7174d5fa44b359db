import { Button, NativeSelect, Skeleton, Table } from '@mantine/core'
import IconDownload from '@tabler/icons-react/icons/IconDownload'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import type { AccountingView } from '../../../src/dues/contract.ts'
import { urlOf } from '../../api/client.ts'
import { dayOf, moneyOf, whenOf } from '../../ui/format/format.ts'
import { useMinute } from '../../ui/format/now.ts'
import { useText } from '../../ui/format/text.ts'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { Page } from '../../ui/Page.tsx'
import { useCurrent } from '../shell/current.tsx'
import classes from './Dues.module.css'
import { accountingQuery } from './queries.ts'

/** Shows what the accounting export of a year holds, gives its file, and lists the last exports. */
export function AccountingPage() {
  const { t } = useText()
  const { scheme } = useCurrent()
  const { annee } = useSearch({ from: '/shell/cotisations/comptabilite' })
  const accounting = useQuery(accountingQuery(scheme.id, annee))
  return (
    <Page title={t('nav.accounting')} lead={t('accounting.lead')}>
      {accounting.isError && <Failure error={accounting.error} retry={() => void accounting.refetch()} />}
      {accounting.isPending && <Skeleton height={320} radius="lg" />}
      {accounting.data !== undefined && (
        <>
          <Books view={accounting.data} />
          <Exports view={accounting.data} />
        </>
      )}
    </Page>
  )
}

function Books({ view }: { view: AccountingView }) {
  const { t, lang } = useText()
  const { scheme, may } = useCurrent()
  const navigate = useNavigate()
  const year = String(view.year)
  const years = [...new Set([view.year, ...view.years])].toSorted((a, b) => b - a)
  return (
    <section className={classes.panel} aria-label={year}>
      <div className={classes.inline}>
        <NativeSelect
          label={t('accounting.year')}
          value={year}
          onChange={(event) =>
            void navigate({
              to: '/cotisations/comptabilite',
              search: { annee: Number(event.currentTarget.value) },
              replace: true,
            })
          }
          data={years.map(String)}
        />
        {view.entries > 0 && (
          <Button
            component="a"
            href={urlOf('exportAccounting', { params: { scheme: scheme.id }, query: { year: view.year } })}
            download
            leftSection={<IconDownload size={18} stroke={1.8} aria-hidden />}
          >
            {t('accounting.download', { year })}
          </Button>
        )}
      </div>
      {view.firstOn === null || view.lastOn === null ? (
        <Empty small title={t('accounting.none', { year })}>
          {t('accounting.none.hint')}
        </Empty>
      ) : (
        <>
          <p>
            {t('accounting.holds', {
              entries: view.entries,
              from: dayOf(lang, view.firstOn),
              until: dayOf(lang, view.lastOn),
            })}
          </p>
          <Accounts accounts={view.accounts} />
        </>
      )}
      <p className={classes.about}>{t('accounting.format')}</p>
      {may('dues.settings') && (
        <Link className={classes.paper} to="/reglages" search={{ partie: 'cotisations' }}>
          {t('accounting.numbers')}
        </Link>
      )}
    </section>
  )
}

function Accounts({ accounts }: Pick<AccountingView, 'accounts'>) {
  const { t, lang } = useText()
  const sum = (of: 'debitCents' | 'creditCents') => accounts.reduce((total, one) => total + one[of], 0)
  return (
    <section
      className={`${classes.table} ${classes.accounts}`}
      aria-label={t('accounting.table')}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
    >
      <Table verticalSpacing={8} horizontalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('accounting.account')}</Table.Th>
            <Table.Th className={classes.amount ?? ''}>{t('accounting.debit')}</Table.Th>
            <Table.Th className={classes.amount ?? ''}>{t('accounting.credit')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {accounts.map(({ account, number, debitCents, creditCents }) => (
            <Table.Tr key={account}>
              <Table.Td>
                {t(`dues.settings.account.${account}`)}
                <small className={classes.where}>{number}</small>
              </Table.Td>
              <Table.Td className={classes.amount ?? ''}>{moneyOf(lang, debitCents)}</Table.Td>
              <Table.Td className={classes.amount ?? ''}>{moneyOf(lang, creditCents)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
        <Table.Tfoot>
          <Table.Tr>
            <Table.Th>{t('accounting.total')}</Table.Th>
            <Table.Th className={classes.amount ?? ''}>{moneyOf(lang, sum('debitCents'))}</Table.Th>
            <Table.Th className={classes.amount ?? ''}>{moneyOf(lang, sum('creditCents'))}</Table.Th>
          </Table.Tr>
        </Table.Tfoot>
      </Table>
    </section>
  )
}

function Exports({ view }: { view: AccountingView }) {
  const { t, lang } = useText()
  const now = useMinute()
  return (
    <section className={classes.panel} aria-labelledby="exports">
      <h2 id="exports">{t('accounting.exports')}</h2>
      {view.exports.length === 0 ? (
        <p className={classes.about}>{t('accounting.exports.none')}</p>
      ) : (
        <ul className={classes.list}>
          {view.exports.map(({ at, by, year, lines }) => (
            <li key={`${at}${year}`}>
              {t('accounting.export', { year: String(year), lines })}
              <small>{`${by ?? t('accounting.program')}, ${whenOf(lang, at, now)}`}</small>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
