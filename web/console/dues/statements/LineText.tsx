import type { StatementLineView } from '../../../../src/dues/statements/contract.ts'
import { dayOf, moneyOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { StateTag } from '../../../ui/StateTag.tsx'
import classes from '../Dues.module.css'

/** Shows the bank's text of a line, and the member that it means. */
export function LineText(props: { line: StatementLineView }) {
  const { t, lang } = useText()
  const { line } = props
  const member =
    line.payment?.member.name ?? (line.verdict === 'sure' ? line.proposals[0]?.member.name : undefined)
  return (
    <>
      <span className={classes.line}>
        {member !== undefined && <b>{member}</b>}
        <span>{dayOf(lang, line.bookedOn)}</span>
        {line.payment?.cancelled === true && <StateTag tone="bad">{t('statements.cancelled')}</StateTag>}
        <span className={classes.end}>{moneyOf(lang, line.amountCents)}</span>
      </span>
      {line.shareOf !== null && (
        <small>
          {t('statements.share', {
            count: line.shareOf.shares,
            amount: moneyOf(lang, line.shareOf.amountCents),
          })}
        </small>
      )}
      <small>{[line.name, line.text].filter((part) => part !== '').join(' · ')}</small>
    </>
  )
}
