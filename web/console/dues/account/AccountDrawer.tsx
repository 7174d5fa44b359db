import { Button, Drawer, NativeSelect, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { MemberDues, PaymentView, ReceiptName, RefundView } from '../../../../src/dues/contract.ts'
import { callApi, urlOf } from '../../../api/client.ts'
import { dayOf, moneyOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { CreditNotes } from '../../../ui/membership/CreditNotes.tsx'
import { YearInvoice } from '../../../ui/membership/YearInvoice.tsx'
import { Empty, Failure } from '../../../ui/Notice.tsx'
import { memberQuery } from '../../members/queries.ts'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Dues.module.css'
import { DuesTag } from '../DuesTag.tsx'
import { memberDuesQuery, memberLetterQuery } from '../queries.ts'
import { DropDebitForm } from './DropDebitForm.tsx'
import { InPersonWarningForm } from './InPersonWarningForm.tsx'
import { PaymentForm } from './PaymentForm.tsx'
import { ReasonForm } from './ReasonForm.tsx'
import { RefundForm, refundablePayments } from './RefundForm.tsx'

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
      {mayManage && <Acts memberId={memberId} account={account} />}
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

/** Shows what the member owes or has in advance, what the bank is collecting, and why the account needs attention. */
function Balance({ account }: { account: MemberDues }) {
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

type Act = 'pay' | 'refund' | 'waive' | 'inPerson' | 'take_out'

/** Offers the acts on the account, and shows the form of the one that was chosen. */
function Acts(props: { memberId: string; account: MemberDues }) {
  const { t } = useText()
  const [act, setAct] = useState<Act | null>(null)
  const { memberId, account } = props
  const { balanceCents, unnotified, collecting } = account
  const close = () => setAct(null)
  return (
    <>
      {act === null && (
        <div className={classes.actions}>
          <Button onClick={() => setAct('pay')}>{t('dues.pay')}</Button>
          {balanceCents > 0 && (
            <Button variant="default" onClick={() => setAct('waive')}>
              {t('dues.waive')}
            </Button>
          )}
          {refundablePayments(account).length > 0 && (
            <Button variant="default" onClick={() => setAct('refund')}>
              {t('dues.refund')}
            </Button>
          )}
          {collecting?.gone === false && (
            <Button variant="default" onClick={() => setAct('take_out')}>
              {t('dues.collecting.out')}
            </Button>
          )}
          {unnotified && (
            <Button variant="default" onClick={() => setAct('inPerson')}>
              {t('dues.inPerson.open')}
            </Button>
          )}
        </div>
      )}
      {act === 'pay' && (
        <PaymentForm
          memberId={memberId}
          owedCents={Math.max(0, balanceCents - (collecting?.amountCents ?? 0))}
          onClose={close}
        />
      )}
      {act === 'refund' && <RefundForm memberId={memberId} account={account} onClose={close} />}
      {act === 'waive' && <WaiveForm memberId={memberId} account={account} onClose={close} />}
      {act === 'take_out' && collecting !== null && (
        <DropDebitForm
          memberId={memberId}
          fileId={collecting.file.id}
          debitId={collecting.debit}
          onClose={close}
        />
      )}
      {act === 'inPerson' && <InPersonWarningForm memberId={memberId} onClose={close} />}
      {balanceCents > 0 && collecting === null && <PrintedCall memberId={memberId} />}
    </>
  )
}

/** Links to the call of the member to print, and warns of an address that is incomplete or cut in the window of its envelope. */
function PrintedCall({ memberId }: { memberId: string }) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const letter = useQuery(memberLetterQuery(scheme.id, memberId)).data
  return (
    <>
      <a
        className={classes.paper}
        href={urlOf('getCall', { params: { scheme: scheme.id, id: memberId } })}
        target="_blank"
        rel="noreferrer"
      >
        {t('dues.letter')}
      </a>
      {letter !== undefined && letter.withoutPostalCode > 0 && (
        <p className={classes.about}>{t('dues.letter.without')}</p>
      )}
      {letter !== undefined && letter.cut > 0 && <p className={classes.about}>{t('dues.letter.cut')}</p>}
    </>
  )
}

/** Shows what was called for each year, with its invoice, and the credit notes. */
function Invoices(props: { memberId: string; account: MemberDues }) {
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

const ALL_YEARS = 'all'

/** Waives what is owed, of one year if there are several. */
function WaiveForm(props: { memberId: string; account: MemberDues; onClose: () => void }) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const { memberId, account } = props
  const owing = account.years.filter(({ remainingCents }) => remainingCents > 0)
  const [year, setYear] = useState(ALL_YEARS)
  const chosen = owing.find((one) => String(one.year) === year)
  return (
    <ReasonForm
      memberId={memberId}
      send={(body) =>
        callApi('waiveDues', {
          params: { scheme: scheme.id, id: memberId },
          body: { ...body, ...(chosen !== undefined && { year: chosen.year }) },
        })
      }
      label={t('dues.waive.why')}
      hint={t('dues.waive.hint', {
        amount: moneyOf(lang, chosen?.remainingCents ?? account.balanceCents),
      })}
      confirm={t('dues.waive.do')}
      done={t('dues.waived')}
      besideDebit={t('dues.waive.besideDebit')}
      onClose={props.onClose}
    >
      {owing.length > 1 && (
        <NativeSelect
          label={t('dues.waive.year')}
          value={year}
          onChange={(event) => setYear(event.currentTarget.value)}
          data={[
            { value: ALL_YEARS, label: t('dues.waive.year.all') },
            ...owing.map((one) => ({
              value: String(one.year),
              label: t('dues.waive.year.one', {
                year: String(one.year),
                amount: moneyOf(lang, one.remainingCents),
              }),
            })),
          ]}
        />
      )}
    </ReasonForm>
  )
}

function Payment(props: { memberId: string; payment: PaymentView; mayCancel: boolean }) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const [isCancelling, setCancelling] = useState(false)
  const { memberId, payment } = props
  const { cancelled } = payment
  return (
    <>
      <span className={classes.line}>
        <b>{t(`dues.way.${payment.way}`)}</b>
        <span>{dayOf(lang, payment.receivedOn)}</span>
        <span className={classes.end} data-struck={cancelled !== null || undefined}>
          {moneyOf(lang, payment.amountCents)}
        </span>
      </span>
      {payment.reference !== '' && <small>{payment.reference}</small>}
      {cancelled !== null && (
        <small>{t('dues.cancelled', { day: dayOf(lang, cancelled.at), reason: cancelled.reason })}</small>
      )}
      <span className={classes.papers}>
        <Receipt receipt={payment.receipt} />
        {cancelled !== null && <Receipt receipt={cancelled.receipt} label="dues.receipt.cancels" />}
        {cancelled === null && props.mayCancel && !isCancelling && (
          <Button variant="subtle" size="compact-sm" mih={44} onClick={() => setCancelling(true)}>
            {t('dues.cancelPayment')}
          </Button>
        )}
      </span>
      {isCancelling && cancelled === null && (
        <ReasonForm
          memberId={memberId}
          send={(body) =>
            callApi('cancelPayment', {
              params: { scheme: scheme.id, id: memberId, payment: payment.id },
              body,
            })
          }
          label={t('dues.cancelPayment.why')}
          hint={t('dues.cancelPayment.hint')}
          confirm={t('dues.cancelPayment.do')}
          done={t('dues.cancelPayment.done')}
          onClose={() => setCancelling(false)}
        />
      )}
    </>
  )
}

function Refund(props: { memberId: string; refund: RefundView; mayCancel: boolean }) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const [isCancelling, setCancelling] = useState(false)
  const { memberId, refund } = props
  const { cancelled } = refund
  return (
    <>
      <span className={classes.line}>
        <b>{t(`dues.way.${refund.way}`)}</b>
        <span>{dayOf(lang, refund.paidOn)}</span>
        <span className={classes.end} data-struck={cancelled !== null || undefined}>
          {moneyOf(lang, refund.amountCents)}
        </span>
      </span>
      <small>{[refund.reason, refund.reference].filter((part) => part !== '').join(' · ')}</small>
      {cancelled !== null && (
        <small>{t('dues.cancelled', { day: dayOf(lang, cancelled.at), reason: cancelled.reason })}</small>
      )}
      <span className={classes.papers}>
        <Receipt receipt={refund.receipt} label="dues.refund.paper" />
        {cancelled !== null && <Receipt receipt={cancelled.receipt} label="dues.receipt.cancels" />}
        {cancelled === null && props.mayCancel && !isCancelling && (
          <Button variant="subtle" size="compact-sm" mih={44} onClick={() => setCancelling(true)}>
            {t('dues.refund.cancel')}
          </Button>
        )}
      </span>
      {isCancelling && cancelled === null && (
        <ReasonForm
          memberId={memberId}
          send={(body) =>
            callApi('cancelRefund', { params: { scheme: scheme.id, id: memberId, refund: refund.id }, body })
          }
          label={t('dues.cancelPayment.why')}
          hint={t('dues.refund.cancel.hint')}
          confirm={t('dues.refund.cancel.do')}
          done={t('dues.refund.cancel.done')}
          onClose={() => setCancelling(false)}
        />
      )}
    </>
  )
}

function Receipt(props: {
  receipt: ReceiptName
  label?: 'dues.receipt' | 'dues.receipt.cancels' | 'dues.refund.paper'
}) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const { year, no, number } = props.receipt
  return (
    <a
      className={classes.paper}
      href={urlOf('getReceipt', { params: { scheme: scheme.id, year, no } })}
      target="_blank"
      rel="noreferrer"
    >
      {t(props.label ?? 'dues.receipt', { number })}
    </a>
  )
}
