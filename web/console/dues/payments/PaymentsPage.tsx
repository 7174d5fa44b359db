import { useText } from '../../../ui/format/text.ts'
import { Page } from '../../../ui/Page.tsx'
import { useRowKeys } from '../../../ui/useRowKeys.ts'
import { useCurrent } from '../../shell/current.tsx'
import { Statements } from '../statements/Statements.tsx'
import { BulkPayments } from './BulkPayments.tsx'
import { Debits } from './Debits.tsx'
import { Deposits } from './Deposits.tsx'

/** Records what members paid: typed, from the statements of the bank, or by cheque. */
export function PaymentsPage() {
  const { t } = useText()
  const { scheme } = useCurrent()
  useRowKeys()
  return (
    <Page title={t('nav.payments')} lead={t('payments.lead')}>
      <BulkPayments key={`saisie-${scheme.id}`} schemeId={scheme.id} />
      <Statements key={scheme.id} schemeId={scheme.id} />
      <Deposits key={`remises-${scheme.id}`} schemeId={scheme.id} />
    </Page>
  )
}

/** Collects dues by direct debit. */
export function DebitsPage() {
  const { t } = useText()
  const { scheme } = useCurrent()
  return (
    <Page title={t('nav.debits')} lead={t('debits.lead')}>
      <Debits key={scheme.id} schemeId={scheme.id} />
    </Page>
  )
}
