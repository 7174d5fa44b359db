import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { MemberDues } from '../../../../src/dues/contract.ts'
import { urlOf } from '../../../api/client.ts'
import { useText } from '../../../ui/format/text.ts'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Dues.module.css'
import { memberLetterQuery } from '../queries.ts'
import { DropDebitForm } from './DropDebitForm.tsx'
import { InPersonWarningForm } from './InPersonWarningForm.tsx'
import { PaymentForm } from './PaymentForm.tsx'
import { RefundForm, refundablePayments } from './RefundForm.tsx'
import { WaiveForm } from './WaiveForm.tsx'

type Act = 'pay' | 'refund' | 'waive' | 'inPerson' | 'take_out'

/** Offers the acts on the account, and shows the form of the one that was chosen. */
export function AccountActs(props: { memberId: string; account: MemberDues }) {
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
