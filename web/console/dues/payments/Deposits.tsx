import { Button, Checkbox } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { DepositSlip, NewDeposit } from '../../../../src/dues/bulk/contract.ts'
import { callApi, urlOf } from '../../../api/client.ts'
import { today } from '../../../api/clock.ts'
import { useAction } from '../../../api/useAction.ts'
import { useNewId } from '../../../api/useNewId.ts'
import { DateField } from '../../../ui/fields/days/DateField.tsx'
import { dayOf, moneyOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { Empty, Failure } from '../../../ui/Notice.tsx'
import { StateTag } from '../../../ui/StateTag.tsx'
import classes from '../Dues.module.css'
import { depositsQuery } from '../queries.ts'

/** Cheques that wait for the bank, and their deposit slips. */
export function Deposits(props: { schemeId: string }) {
  const { t, lang } = useText()
  const { schemeId } = props
  const { queryKey } = depositsQuery(schemeId)
  const deposits = useQuery(depositsQuery(schemeId))
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  const [depositedOn, setDepositedOn] = useState(today())
  const { id, renew, renewIfTaken } = useNewId()
  const make = useAction(
    (body: NewDeposit) => callApi('createDeposit', { params: { scheme: schemeId }, body }),
    {
      stores: queryKey,
      success: () => t('deposits.made'),
      refreshAfterFailure: [queryKey],
      // A slip whose answer was lost has this id: what is chosen now is another one.
      onError: renewIfTaken,
      onSuccess: () => {
        renew()
        setLeft(new Set())
      },
    },
  )
  const waiting = deposits.data?.waiting ?? []
  const chosen = waiting.filter((cheque) => !left.has(cheque.id))
  const sum = chosen.reduce((all, { amountCents }) => all + amountCents, 0)
  const toggle = (cheque: string) => {
    const next = new Set(left)
    if (!next.delete(cheque)) next.add(cheque)
    setLeft(next)
  }
  return (
    <section className={classes.panel} aria-labelledby="remises">
      <h2 id="remises">{t('deposits.title')}</h2>
      {deposits.isError && <Failure error={deposits.error} retry={() => void deposits.refetch()} />}
      {deposits.data !== undefined && waiting.length === 0 && (
        <Empty small title={t('deposits.none')}>
          {t('deposits.none.hint')}
        </Empty>
      )}
      {deposits.data?.hasAccount === false && <p className={classes.ruled}>{t('deposits.account')}</p>}
      {waiting.length > 0 && (
        <>
          <p className={classes.about}>{t('deposits.lead')}</p>
          <Checkbox
            label={t('deposits.all')}
            checked={chosen.length === waiting.length}
            indeterminate={chosen.length > 0 && chosen.length < waiting.length}
            onChange={(event) =>
              setLeft(event.currentTarget.checked ? new Set() : new Set(waiting.map((cheque) => cheque.id)))
            }
          />
          <ul className={`${classes.list} ${classes.scroll}`}>
            {waiting.map((cheque) => (
              <li key={cheque.id}>
                <Checkbox
                  checked={!left.has(cheque.id)}
                  onChange={() => toggle(cheque.id)}
                  label={[
                    cheque.member.name,
                    t('deposits.cheque', { number: cheque.number }),
                    ...[cheque.bank, cheque.drawer].filter((part) => part !== ''),
                    dayOf(lang, cheque.receivedOn),
                    moneyOf(lang, cheque.amountCents),
                  ].join(' · ')}
                />
              </li>
            ))}
          </ul>
          <div className={classes.inline}>
            <DateField
              kind="day"
              label={t('deposits.day')}
              max={today()}
              value={depositedOn}
              onChange={setDepositedOn}
            />
            <Button
              loading={make.isPending}
              classNames={{ root: classes.payer, label: classes.payerLabel }}
              disabled={chosen.length === 0}
              onClick={() => make.mutate({ id, depositedOn, cheques: chosen.map((cheque) => cheque.id) })}
            >
              {t('deposits.make', { count: chosen.length, amount: moneyOf(lang, sum) })}
            </Button>
          </div>
          <Failure error={make.failure} />
        </>
      )}
      {(deposits.data?.slips ?? []).length > 0 && (
        <>
          <h3 className={classes.sub}>{t('deposits.slips')}</h3>
          <ul className={classes.list}>
            {deposits.data?.slips.map((slip) => (
              <li key={slip.id}>
                <Slip schemeId={schemeId} slip={slip} />
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

function Slip(props: { schemeId: string; slip: DepositSlip }) {
  const { t, lang } = useText()
  const { schemeId, slip } = props
  const [isSure, setSure] = useState(false)
  const { queryKey } = depositsQuery(schemeId)
  const cancel = useAction(
    () => callApi('cancelDeposit', { params: { scheme: schemeId, deposit: slip.id } }),
    { stores: queryKey, success: () => t('deposits.cancel.done'), refreshAfterFailure: [queryKey] },
  )
  return (
    <>
      <span className={classes.line}>
        {t('deposits.slip', {
          number: slip.number,
          day: dayOf(lang, slip.depositedOn),
          count: slip.cheques,
          amount: moneyOf(lang, slip.amountCents),
        })}
        {slip.cancelled && <StateTag tone="neutral">{t('deposits.cancelled')}</StateTag>}
      </span>
      {!slip.cancelled && slip.valid < slip.cheques && (
        <small>
          {t('deposits.left', {
            cancelled: slip.cheques - slip.valid,
            count: slip.valid,
            amount: moneyOf(lang, slip.validCents),
          })}
        </small>
      )}
      {!slip.cancelled && (
        <span className={classes.papers}>
          <a
            className={classes.paper}
            href={urlOf('getDepositSlip', { params: { scheme: schemeId, deposit: slip.id } })}
            target="_blank"
            rel="noreferrer"
          >
            {t('deposits.print', { number: slip.number })}
          </a>
          <Button
            variant={isSure ? 'filled' : 'subtle'}
            size="compact-sm"
            mih={44}
            loading={cancel.isPending}
            onClick={() => (isSure ? cancel.mutate() : setSure(true))}
          >
            {t('deposits.cancel', { number: slip.number })}
          </Button>
        </span>
      )}
      {isSure && !slip.cancelled && <small role="status">{t('deposits.cancel.sure')}</small>}
      <Failure error={cancel.failure} />
    </>
  )
}
