import { Button, CopyButton, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import type { OwnDues, PaymentView, RefundView } from '../../../src/dues/contract.ts'
import { callApi, urlOf } from '../../api/client.ts'
import { ownDuesQuery, paramsOfShop } from '../../api/portal.ts'
import { useAction } from '../../api/useAction.ts'
import { Calls17 } from '../../ui/alert/Call17.tsx'
import { dayOf, moneyOf } from '../../ui/format/format.ts'
import { useText } from '../../ui/format/text.ts'
import { CreditNotes } from '../../ui/membership/CreditNotes.tsx'
import { YearInvoice } from '../../ui/membership/YearInvoice.tsx'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { usePageTitle } from '../../ui/Page.tsx'
import { StateTag, type Tone } from '../../ui/StateTag.tsx'
import { useShop } from '../current.tsx'
import classes from '../Portal.module.css'
import { leftToPay } from './dues-left.ts'
import { MandateCard } from './MandateCard.tsx'

const tones = {
  late: 'bad',
  due: 'warn',
  paid: 'good',
  exempt: 'neutral',
} as const satisfies Record<OwnDues['years'][number]['state'], Tone>

/** Tells whether something is called for a year that no invoice says yet. */
function isInvoiceWanted({ amountCents, invoice, uninvoicedCents }: OwnDues['years'][number]): boolean {
  return amountCents > 0 && (invoice === null || uninvoicedCents > 0)
}

/** Shows the dues of the shop: the amount owed, how to pay it, and the receipts. */
export function DuesPage() {
  const { t } = useText()
  const { shop } = useShop()
  usePageTitle(t('portal.dues.title'))
  const { carte } = useSearch({ from: '/portail/cotisation' })
  const own = useQuery({
    ...ownDuesQuery(shop),
    // The payment provider reports within seconds.
    refetchInterval: ({ state }) =>
      carte === 'merci' && (state.data === undefined || leftToPay(state.data) > 0) ? 3000 : false,
  })
  const dues = own.data
  const isEmpty =
    dues !== undefined &&
    dues.years.length === 0 &&
    dues.payments.length === 0 &&
    dues.creditNotes.length === 0
  return (
    <>
      <h1 className={classes.title}>{t('portal.dues.title')}</h1>
      {carte === 'merci' && (
        <p className={classes.information} role="status">
          {t(dues !== undefined && leftToPay(dues) <= 0 ? 'portal.dues.card.done' : 'portal.dues.card.wait')}
        </p>
      )}
      {own.isError && dues === undefined && <Failure error={own.error} retry={() => void own.refetch()} />}
      {own.isPending && <Skeleton height={320} radius="lg" />}
      {dues?.announced != null && <Announced chamber={dues.chamber} fee={dues.announced} />}
      {dues?.announced === null && isEmpty && (
        <Empty title={t('portal.dues.none')}>{t('portal.dues.none.hint', { chamber: dues.chamber })}</Empty>
      )}
      {dues !== undefined && !isEmpty && <Account dues={dues} isPaidByCard={carte === 'merci'} />}
    </>
  )
}

/** Shows what the shop owes, how to pay it, and what it paid. */
function Account(props: { dues: OwnDues; isPaidByCard: boolean }) {
  const { t, lang } = useText()
  const { shop } = useShop()
  const { dues } = props
  const { collecting } = dues
  const leftCents = leftToPay(dues)
  return (
    <>
      <Years dues={dues} />
      {collecting !== null && (
        <p className={classes.information}>
          {t('portal.dues.collecting', {
            amount: moneyOf(lang, collecting.amountCents),
            day: dayOf(lang, collecting.on),
          })}
        </p>
      )}
      {leftCents > 0 && !props.isPaidByCard && <Ways dues={dues} leftCents={leftCents} />}
      {dues.ways.debit !== null && <MandateCard key={shop.member.id} debit={dues.ways.debit} />}
      {dues.creditNotes.length > 0 && (
        <section className={classes.card} aria-labelledby="avoirs">
          <h2 id="avoirs">{t('dues.credits')}</h2>
          <CreditNotes
            notes={dues.creditNotes}
            hrefOf={({ year, no }) => urlOf('getOwnInvoice', { params: { ...paramsOfShop(shop), year, no } })}
            classes={{ list: classes.rows, line: undefined, paper: classes.receipt }}
          />
        </section>
      )}
      <section className={classes.card} aria-labelledby="recus">
        <h2 id="recus">{t('portal.dues.receipts')}</h2>
        {dues.payments.length === 0 && <p className={classes.hint}>{t('dues.payments.none')}</p>}
        <ul className={classes.rows}>
          {dues.payments.map((payment) => (
            <li key={payment.id}>
              <Payment payment={payment} />
            </li>
          ))}
          {dues.refunds.map((refund) => (
            <li key={refund.id}>
              <Refund refund={refund} />
            </li>
          ))}
        </ul>
      </section>
    </>
  )
}

/** Shows the balance, and what was called for each year with its invoice. */
function Years({ dues }: { dues: OwnDues }) {
  const { t, lang } = useText()
  const { shop } = useShop()
  const issue = (year: number) => callApi('issueOwnInvoice', { params: paramsOfShop(shop), body: { year } })
  return (
    <section className={classes.card} aria-label={t('portal.dues.account')}>
      {dues.suspended && (
        <p className={classes.notice}>
          <Calls17 text={t('portal.dues.suspended')} />
        </p>
      )}
      <p className={classes.owed}>
        <span>{t(dues.balanceCents < 0 ? 'dues.balance.advance' : 'dues.balance.owed')}</span>
        <b>{moneyOf(lang, Math.abs(dues.balanceCents))}</b>
      </p>
      <ul className={classes.rows}>
        {dues.years.map((one) => (
          <li key={one.year}>
            <b>{one.year}</b>
            <StateTag tone={tones[one.state]}>{t(`dues.state.${one.state}`)}</StateTag>
            <span>{moneyOf(lang, one.amountCents)}</span>
            {one.remainingCents > 0 && (
              <small>
                {t(one.state === 'late' ? 'dues.year.late' : 'dues.year.left', {
                  left: moneyOf(lang, one.remainingCents),
                  day: dayOf(lang, one.dueOn),
                })}
              </small>
            )}
            {one.amountCents > 0 && (
              <YearInvoice
                of={one}
                issue={dues.invoices ? () => issue(one.year) : undefined}
                hrefOf={({ year, no }) =>
                  urlOf('getOwnInvoice', { params: { ...paramsOfShop(shop), year, no } })
                }
                refresh={ownDuesQuery(shop).queryKey}
                className={classes.receipt}
                session="portal"
              />
            )}
          </li>
        ))}
      </ul>
      {!dues.invoices && dues.years.some(isInvoiceWanted) && (
        <p className={classes.hint}>{t('portal.dues.invoice.ask', { chamber: dues.chamber })}</p>
      )}
    </section>
  )
}

/** Shows a fee that was announced or is planned, and not called yet. */
function Announced(props: { chamber: string; fee: NonNullable<OwnDues['announced']> }) {
  const { t, lang } = useText()
  const { year, amountCents, planned } = props.fee
  return (
    <div className={classes.information}>
      <p>
        <b>
          {t(planned ? 'portal.dues.planned' : 'portal.dues.announced', {
            year: String(year),
            amount: moneyOf(lang, amountCents),
          })}
        </b>
      </p>
      <p>
        {t(planned ? 'portal.dues.planned.what' : 'portal.dues.announced.what', { chamber: props.chamber })}
      </p>
    </div>
  )
}

/** Shows the means of payment. */
function Ways(props: { dues: OwnDues; leftCents: number }) {
  const { t, lang } = useText()
  const { leftCents } = props
  const { chamber, ways } = props.dues
  const { transfer, cheque, debit, card } = ways
  return (
    <section className={classes.card} aria-labelledby="payer">
      <h2 id="payer">{t('portal.dues.pay')}</h2>
      {transfer === null && cheque === null && debit === null && !card && (
        <p className={classes.hint}>{t('portal.dues.pay.ask', { chamber })}</p>
      )}
      {card && <CardButton amount={moneyOf(lang, leftCents)} />}
      {transfer !== null && (
        <>
          <h3>{t('portal.dues.transfer')}</h3>
          <dl className={classes.facts}>
            <div>
              <dt>{t('portal.dues.amount')}</dt>
              <dd>{moneyOf(lang, leftCents)}</dd>
            </div>
            <div>
              <dt>{t('portal.dues.payee')}</dt>
              <dd>{transfer.name}</dd>
            </div>
            <div>
              <dt>IBAN</dt>
              <dd>
                {transfer.iban.replace(/(.{4})(?=.)/g, '$1\u00a0')} <Copy value={transfer.iban} what="iban" />
              </dd>
            </div>
            {transfer.bic !== '' && (
              <div>
                <dt>BIC</dt>
                <dd>{transfer.bic}</dd>
              </div>
            )}
            <div>
              <dt>{t('portal.dues.reference')}</dt>
              <dd>
                {transfer.reference} <Copy value={transfer.reference} what="reference" />
              </dd>
            </div>
          </dl>
          <p className={classes.hint}>{t('portal.dues.reference.why')}</p>
        </>
      )}
      {cheque !== null && (
        <>
          <h3>{t('portal.dues.cheque')}</h3>
          <p>
            {t('portal.dues.cheque.to', {
              order: cheque.order,
              amount: moneyOf(lang, leftCents),
              reference: cheque.reference,
            })}
            {cheque.address !== '' && ` ${t('portal.dues.cheque.address', { address: cheque.address })}`}
          </p>
        </>
      )}
    </section>
  )
}

/** Leads to the page of the card payment provider. */
function CardButton(props: { amount: string }) {
  const { t } = useText()
  const { shop, may } = useShop()
  const begin = useAction(() => callApi('beginCardPayment', { params: paramsOfShop(shop) }), {
    session: 'portal',
    onSuccess: ({ url }) => window.location.assign(url),
  })
  if (!may('own.pay')) return null
  return (
    <>
      <Button size="md" loading={begin.isPending || begin.isSuccess} onClick={() => begin.mutate()}>
        {t('portal.dues.card', { amount: props.amount })}
      </Button>
      <p className={classes.hint}>{t('portal.dues.card.what')}</p>
      <Failure error={begin.failure} />
    </>
  )
}

function Copy(props: { value: string; what: 'iban' | 'reference' }) {
  const { t } = useText()
  return (
    <CopyButton value={props.value} timeout={4000}>
      {({ copied, copy }) => (
        <Button variant="subtle" size="compact-sm" mih={44} onClick={copy}>
          {t(copied ? 'portal.dues.copied' : `portal.dues.copy.${props.what}`)}
        </Button>
      )}
    </CopyButton>
  )
}

function Refund(props: { refund: RefundView }) {
  const { t, lang } = useText()
  const { shop } = useShop()
  const { paidOn, amountCents, receipt, cancelled } = props.refund
  return (
    <>
      <b>{t('portal.dues.refund')}</b>
      <span>{dayOf(lang, paidOn)}</span>
      <span>{moneyOf(lang, amountCents)}</span>
      {cancelled !== null && (
        <small>{t('dues.cancelled', { day: dayOf(lang, cancelled.at), reason: cancelled.reason })}</small>
      )}
      <a
        className={classes.receipt}
        href={urlOf('getOwnReceipt', {
          params: { ...paramsOfShop(shop), year: receipt.year, no: receipt.no },
        })}
        target="_blank"
        rel="noreferrer"
      >
        {t('dues.refund.paper', { number: receipt.number })}
      </a>
    </>
  )
}

function Payment(props: { payment: PaymentView }) {
  const { t, lang } = useText()
  const { shop } = useShop()
  const { payment } = props
  const { receipt, cancelled } = payment
  return (
    <>
      <b>{t(`dues.way.${payment.way}`)}</b>
      <span>{dayOf(lang, payment.receivedOn)}</span>
      <span>{moneyOf(lang, payment.amountCents)}</span>
      {cancelled !== null && (
        <small>{t('dues.cancelled', { day: dayOf(lang, cancelled.at), reason: cancelled.reason })}</small>
      )}
      <a
        className={classes.receipt}
        href={urlOf('getOwnReceipt', {
          params: { ...paramsOfShop(shop), year: receipt.year, no: receipt.no },
        })}
        target="_blank"
        rel="noreferrer"
      >
        {t('dues.receipt', { number: receipt.number })}
      </a>
    </>
  )
}
