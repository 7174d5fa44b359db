import { Button } from '@mantine/core'
import type { QueryKey } from '@tanstack/react-query'
import type { ReceiptName } from '../../src/dues/contract.ts'
import { useAction } from '../api/useAction.ts'
import { Failure } from './Notice.tsx'
import { useText } from './text.ts'

/** The invoice of the dues of a year, or the button that issues it, for the chamber and for the shop. */
export function YearInvoice(props: {
  year: number
  /** Null if none was issued. */
  invoice: ReceiptName | null
  /** Undefined for users who may read it only. */
  issue: (() => Promise<ReceiptName>) | undefined
  hrefOf: (invoice: ReceiptName) => string
  /** The query that shows the invoice. */
  refresh: QueryKey
  className: string | undefined
  session?: 'portal'
}) {
  const { t } = useText()
  const { year, invoice, session } = props
  const issue = useAction(async () => props.issue?.(), {
    ...(session !== undefined && { session }),
    refresh: [props.refresh],
    success: (issued) => t('dues.invoice.done', { number: issued?.number ?? '' }),
  })
  if (invoice !== null)
    return (
      <a className={props.className} href={props.hrefOf(invoice)} target="_blank" rel="noreferrer">
        {t('dues.invoice', { number: invoice.number })}
      </a>
    )
  if (props.issue === undefined) return null
  return (
    <>
      <Button
        variant="subtle"
        size={session === 'portal' ? 'compact-md' : 'compact-sm'}
        mih={44}
        loading={issue.isPending}
        onClick={() => issue.mutate()}
      >
        {t('dues.invoice.issue', { year: String(year) })}
      </Button>
      <Failure error={issue.failure} />
    </>
  )
}
