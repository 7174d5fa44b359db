import { Page } from '../../ui/Page.tsx'
import { useText } from '../../ui/text.ts'
import { useCurrent } from '../shell/current.tsx'
import { Debits } from './Debits.tsx'
import { Statements } from './Statements.tsx'

/** Records what members paid, from the statements of the bank. */
export function PaymentsPage() {
  const { t } = useText()
  const { scheme } = useCurrent()
  return (
    <Page title={t('nav.payments')} lead={t('payments.lead')}>
      <Statements key={scheme.id} schemeId={scheme.id} />
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
