import { Drawer, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { MemberDues } from '../../../../src/dues/contract.ts'
import { dayOf, moneyOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { Empty, Failure } from '../../../ui/Notice.tsx'
import { memberQuery } from '../../members/queries.ts'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Dues.module.css'
import { memberDuesQuery } from '../queries.ts'
import { AccountActs } from './AccountActs.tsx'
import { Balance } from './Balance.tsx'
import { Invoices } from './Invoices.tsx'
import { Payment, Refund } from './Movements.tsx'

/** Shows the account of one member over the list: what it owes, its payments, and the possible actions. */
export function AccountDrawer(props: { memberId: string | null; onClose: () => void }) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const enabled = props.memberId !== null
  const member = useQuery({ ...memberQuery(scheme.id, props.memberId ?? ''), enabled })
  const account = useQuery({ ...memberDuesQuery(scheme.id, props.memberId ?? ''), enabled })
  return (
    <Drawer
      opened={enabled}
      onClose={props.onClose}
      position="right"
      size={480}
      title={member.data?.name ?? t('member.title')}
      classNames={{ title: classes.drawerTitle ?? '' }}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {account.isError && <Failure error={account.error} retry={() => void account.refetch()} />}
      {account.isPending && <Skeleton height={240} />}
      {account.data !== undefined && props.memberId !== null && (
        <Account key={props.memberId} memberId={props.memberId} account={account.data} />
      )}
    </Drawer>
  )
}

/** Shows the account of a member, from what it owes to the waivers. */
function Account(props: { memberId: string; account: MemberDues }) {
  const { t, lang } = useText()
  const { may } = useCurrent()
  const { memberId, account } = props
  const { payments, refunds, waivers } = account
  const mayManage = may('dues.manage')
  return (
    <>
      <Balance account={account} />
      {mayManage && <AccountActs memberId={memberId} account={account} />}
      <Invoices memberId={memberId} account={account} />
      <h3 className={classes.sub}>{t('dues.payments')}</h3>
      {payments.length === 0 && <Empty small title={t('dues.payments.none')} />}
      <ul className={classes.list}>
        {payments.map((payment) => (
          <li key={payment.id}>
            <Payment memberId={memberId} payment={payment} mayCancel={mayManage} />
          </li>
        ))}
      </ul>
      {refunds.length > 0 && (
        <>
          <h3 className={classes.sub}>{t('dues.refunds')}</h3>
          <ul className={classes.list}>
            {refunds.map((refund) => (
              <li key={refund.id}>
                <Refund memberId={memberId} refund={refund} mayCancel={mayManage} />
              </li>
            ))}
          </ul>
        </>
      )}
      <Notices notices={account.notices} />
      {waivers.length > 0 && (
        <>
          <h3 className={classes.sub}>{t('dues.waivers')}</h3>
          <ul className={classes.list}>
            {waivers.map((one, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: they have no name of their own, and only grow
              <li key={i}>
                <span className={classes.line}>
                  <b>{dayOf(lang, one.on)}</b>
                  <span className={classes.end}>{moneyOf(lang, one.amountCents)}</span>
                </span>
                <small>{one.reason}</small>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  )
}

/** Lists the notices to the member about its dues, and whether they reached it. */
function Notices({ notices }: { notices: MemberDues['notices'] }) {
  const { t, lang } = useText()
  return (
    <>
      <h3 className={classes.sub}>{t('dues.notices')}</h3>
      {notices.length === 0 && <Empty small title={t('dues.notices.none')} />}
      <ul className={classes.list}>
        {notices.map((one) => (
          <li key={one.at}>
            <span className={classes.line}>
              <b>{t(`dues.notice.${one.kind}`)}</b>
              <span className={classes.end}>{dayOf(lang, one.at)}</span>
            </span>
            <small>
              {[
                one.inPerson === null
                  ? t('dues.notice.sent', { sms: one.sms, mails: one.mails })
                  : t(`dues.inPerson.${one.inPerson}`),
                ...(one.note === '' ? [] : [one.note]),
                ...(one.reached === false ? [t('dues.notice.lost')] : []),
              ].join(' · ')}
            </small>
          </li>
        ))}
      </ul>
    </>
  )
}
