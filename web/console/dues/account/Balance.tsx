import type { MemberDues } from '../../../../src/dues/contract.ts'
import { dayOf, moneyOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Dues.module.css'

/** Shows what the member owes or has in advance, what the bank is collecting, and why the account needs attention. */
export function Balance({ account }: { account: MemberDues }) {
  const { t, lang } = useText()
  const { may } = useCurrent()
  const { balanceCents, suspendedAt, unnotified, reference, collecting } = account
  return (
    <>
      <p className={classes.balance}>
        <span>{t(balanceCents < 0 ? 'dues.balance.advance' : 'dues.balance.owed')}</span>
        <b>{moneyOf(lang, Math.abs(balanceCents))}</b>
      </p>
      <p className={classes.about}>{t('dues.reference', { reference })}</p>
      {collecting !== null && (
        <p className={classes.ruled}>
          {t('dues.collecting', {
            amount: moneyOf(lang, collecting.amountCents),
            day: dayOf(lang, collecting.on),
            no: collecting.file.no,
          })}
        </p>
      )}
      {collecting?.gone === true && may('dues.manage') && (
        <p className={collecting.revokedAt === null ? classes.about : classes.ruled}>
          {collecting.revokedAt === null
            ? t('dues.collecting.gone')
            : t('dues.collecting.revoked', { day: dayOf(lang, collecting.revokedAt) })}
        </p>
      )}
      {suspendedAt !== null && (
        <p className={classes.ruled}>{t('dues.suspended.since', { day: dayOf(lang, suspendedAt) })}</p>
      )}
      {unnotified && <p className={classes.ruled}>{t('dues.unnotified.why')}</p>}
    </>
  )
}
