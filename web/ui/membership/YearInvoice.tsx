import { Button } from '@mantine/core'
import type { QueryKey } from '@tanstack/react-query'
import type { MemberDues, ReceiptName } from '../../../src/dues/contract.ts'
import { useAction } from '../../api/useAction.ts'
import { moneyOf } from '../format/format.ts'
import { useText } from '../format/text.ts'
import { Failure } from '../Notice.tsx'

/**
 * The invoices of the dues of a year, and the button that issues one, or a supplementary one for what is called beyond them, for
 * the chamber and for the shop.
 */
export function YearInvoice(props: {
  of: Pick<MemberDues['years'][number], 'year' | 'invoice' | 'earlierInvoices' | 'uninvoicedCents'>
  /** Undefined for users who may read it only. */
  issue: (() => Promise<ReceiptName>) | undefined
  hrefOf: (invoice: ReceiptName) => string
  /** The query that shows the invoice. */
  refresh: QueryKey
  className: string | undefined
  session?: 'portal'
}) {
  const { t, lang } = useText()
  const { of, session } = props
  const { year, invoice, earlierInvoices, uninvoicedCents } = of
  const issued = invoice === null ? [] : [...earlierInvoices, invoice]
  const issue = useAction(async () => props.issue?.(), {
    ...(session !== undefined && { session }),
    refresh: [props.refresh],
    success: (fresh) => t('dues.invoice.done', { number: fresh?.number ?? '' }),
  })
  const isIssuable = props.issue !== undefined && (invoice === null || uninvoicedCents > 0)
  return (
    <>
      {issued.map((one) => (
        <a
          key={one.number}
          className={props.className}
          href={props.hrefOf(one)}
          target="_blank"
          rel="noreferrer"
        >
          {t('dues.invoice', { number: one.number })}
        </a>
      ))}
      {isIssuable && (
        <Button
          variant="subtle"
          size={session === 'portal' ? 'compact-md' : 'compact-sm'}
          mih={44}
          loading={issue.isPending}
          onClick={() => issue.mutate()}
        >
          {invoice === null
            ? t('dues.invoice.issue', { year: String(year) })
            : t('dues.invoice.more', { year: String(year), amount: moneyOf(lang, uninvoicedCents) })}
        </Button>
      )}
      <Failure error={issue.failure} />
    </>
  )
}
