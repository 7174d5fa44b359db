import type { CreditNoteView, ReceiptName } from '../../../src/dues/contract.ts'
import { dayOf, moneyOf } from '../format/format.ts'
import { useText } from '../format/text.ts'

/** The credit notes of a member with the invoices that they correct, for the chamber and for the shop. */
export function CreditNotes(props: {
  notes: readonly CreditNoteView[]
  hrefOf: (paper: ReceiptName) => string
  /** Classes of the list, of the first line of each note, and of a link. */
  classes: {
    readonly list: string | undefined
    readonly line: string | undefined
    readonly paper: string | undefined
  }
}) {
  const { t, lang } = useText()
  const { list, line, paper } = props.classes
  const link = (one: ReceiptName, key: 'dues.credit' | 'dues.invoice') => (
    <a className={paper} href={props.hrefOf(one)} target="_blank" rel="noreferrer">
      {t(key, { number: one.number })}
    </a>
  )
  return (
    <ul className={list}>
      {props.notes.map((note) => (
        <li key={note.paper.number}>
          <span className={line}>
            {link(note.paper, 'dues.credit')}
            <span>{dayOf(lang, note.issuedOn)}</span>
            <span>{moneyOf(lang, note.amountCents)}</span>
          </span>
          <small>
            {t('dues.credit.of', { year: String(note.duesYear) })} {link(note.invoice, 'dues.invoice')}
          </small>
        </li>
      ))}
    </ul>
  )
}
