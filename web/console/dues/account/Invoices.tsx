import type { MemberDues } from '../../../../src/dues/contract.ts'
import { callApi, urlOf } from '../../../api/client.ts'
import { dayOf, moneyOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { CreditNotes } from '../../../ui/membership/CreditNotes.tsx'
import { YearInvoice } from '../../../ui/membership/YearInvoice.tsx'
import { Empty } from '../../../ui/Notice.tsx'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Dues.module.css'
import { DuesTag } from '../DuesTag.tsx'
import { memberDuesQuery } from '../queries.ts'

/** Shows what was called for each year, with its invoice, and the credit notes. */
export function Invoices(props: { memberId: string; account: MemberDues }) {
  const { t, lang } = useText()
  const { scheme, may } = useCurrent()
  const { memberId } = props
  const { years, creditNotes } = props.account
  const issue = (year: number) =>
    callApi('issueInvoice', { params: { scheme: scheme.id, id: memberId }, body: { year } })
  const hrefOf = ({ year, no }: { readonly year: number; readonly no: number }) =>
    urlOf('getInvoice', { params: { scheme: scheme.id, year, no } })
  return (
    <>
      <h3 className={classes.sub}>{t('dues.years')}</h3>
      {years.length === 0 && <Empty small title={t('dues.years.none')} />}
      <ul className={classes.list}>
        {years.map((one) => (
          <li key={one.year}>
            <span className={classes.line}>
              <b>{one.year}</b>
              <DuesTag state={one.state} />
              <span className={classes.end}>{moneyOf(lang, one.amountCents)}</span>
            </span>
            {one.remainingCents > 0 && (
              <small>
                {t(one.state === 'late' ? 'dues.year.late' : 'dues.year.left', {
                  left: moneyOf(lang, one.remainingCents),
                  day: dayOf(lang, one.dueOn),
                })}
              </small>
            )}
            {one.waivedCents > 0 && (
              <small>{t('dues.year.waived', { amount: moneyOf(lang, one.waivedCents) })}</small>
            )}
            {one.amountCents > 0 && (
              <YearInvoice
                of={one}
                issue={may('dues.manage') ? () => issue(one.year) : undefined}
                hrefOf={hrefOf}
                refresh={memberDuesQuery(scheme.id, memberId).queryKey}
                className={classes.paper}
              />
            )}
          </li>
        ))}
      </ul>
      {creditNotes.length > 0 && (
        <>
          <h3 className={classes.sub}>{t('dues.credits')}</h3>
          <CreditNotes
            notes={creditNotes}
            hrefOf={hrefOf}
            classes={{ list: classes.list, line: classes.line, paper: classes.paper }}
          />
        </>
      )}
    </>
  )
}
