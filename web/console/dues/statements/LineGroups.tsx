import { Button } from '@mantine/core'
import type { StatementLineView } from '../../../../src/dues/statements/contract.ts'
import { urlOf } from '../../../api/client.ts'
import { useText } from '../../../ui/format/text.ts'
import classes from '../Dues.module.css'
import { LineText } from './LineText.tsx'
import { OtherPayer } from './OtherPayer.tsx'
import { SplitLine } from './SplitLine.tsx'
import type { Decide } from './useDecisions.ts'

/** Lists returned transfers: those whose money came in may still be payments, and each can be set aside. */
export function ReturnedLines(props: {
  schemeId: string
  lines: readonly StatementLineView[]
  busy: boolean
  decide: Decide
}) {
  const { t } = useText()
  return (
    <LineGroup
      title={t('statements.returned')}
      lines={props.lines}
      open
      act={(line) => (
        <span className={classes.choices}>
          {line.returned === 'credit' && (
            <OtherPayer
              schemeId={props.schemeId}
              label={t('statements.returned.payer')}
              busy={props.busy}
              onPick={({ id }) => props.decide(line, { is: 'payment', member: id })}
            />
          )}
          <Button
            variant="subtle"
            size="compact-sm"
            mih={44}
            disabled={props.busy}
            onClick={() => props.decide(line, { is: 'unrelated' })}
          >
            {t('statements.returned.done')}
          </Button>
        </span>
      )}
    />
  )
}

/** A group of lines, closed at first. */
export function LineGroup(props: {
  title: string
  lines: readonly StatementLineView[]
  open?: boolean
  act?: (line: StatementLineView) => React.ReactNode
  /** The button that decides all of the lines at once. */
  all?: {
    readonly label: string
    readonly busy: boolean
    readonly decide: (lines: readonly string[]) => void
  }
}) {
  const { t } = useText()
  const { all } = props
  if (props.lines.length === 0) return null
  return (
    <details className={classes.group} open={props.open}>
      <summary>{t('statements.group', { title: props.title, count: props.lines.length })}</summary>
      {all !== undefined && (
        <Button
          variant="default"
          mih={44}
          className={classes.left ?? ''}
          disabled={all.busy}
          onClick={() => all.decide(props.lines.map((line) => line.id))}
        >
          {all.label}
        </Button>
      )}
      <ul className={classes.list}>
        {props.lines.map((line) => (
          <li key={line.id}>
            <LineText line={line} />
            {props.act?.(line)}
          </li>
        ))}
      </ul>
    </details>
  )
}

/** Lists lines about something else, of which one may still be a payment of a member. They can be set aside. */
export function UnrelatedLines(props: {
  schemeId: string
  lines: readonly StatementLineView[]
  busy: boolean
  decide: Decide
  setAside: (lines: readonly string[]) => void
}) {
  const { t } = useText()
  return (
    <LineGroup
      title={t('statements.unrelated')}
      lines={props.lines}
      all={{
        label: t('statements.set_aside.all', { count: props.lines.length }),
        busy: props.busy,
        decide: props.setAside,
      }}
      act={(line) => (
        <span className={classes.choices}>
          <OtherPayer
            schemeId={props.schemeId}
            label={t('statements.other.first')}
            busy={props.busy}
            onPick={({ id }) => props.decide(line, { is: 'payment', member: id })}
          />
          <SplitLine
            schemeId={props.schemeId}
            line={line}
            busy={props.busy}
            decide={(decision) => props.decide(line, decision)}
          />
          <Button
            variant="subtle"
            size="compact-sm"
            mih={44}
            disabled={props.busy}
            onClick={() => props.decide(line, { is: 'unrelated' })}
          >
            {t('statements.returned.done')}
          </Button>
        </span>
      )}
    />
  )
}

/** Lists lines that were set aside, which can be opened again one by one or all at once. */
export function AsideLines(props: {
  lines: readonly StatementLineView[]
  busy: boolean
  decide: Decide
  reopen: (lines: readonly string[]) => void
}) {
  const { t } = useText()
  return (
    <LineGroup
      title={t('statements.set_aside')}
      lines={props.lines}
      all={{
        label: t('statements.reopen.all', { count: props.lines.length }),
        busy: props.busy,
        decide: props.reopen,
      }}
      act={(line) => (
        <Button
          variant="subtle"
          size="compact-sm"
          mih={44}
          disabled={props.busy}
          onClick={() => props.decide(line, { is: 'open' })}
        >
          {t('statements.reopen')}
        </Button>
      )}
    />
  )
}

/** Lists recorded payments with their receipts. */
export function AppliedLines(props: { schemeId: string; lines: readonly StatementLineView[] }) {
  const { t } = useText()
  const receiptOf = ({ year, no }: { year: number; no: number }) =>
    urlOf('getReceipt', { params: { scheme: props.schemeId, year, no } })
  return (
    <LineGroup
      title={t('statements.applied')}
      lines={props.lines}
      act={({ payment }) =>
        payment !== null && (
          <a className={classes.paper} href={receiptOf(payment.receipt)} target="_blank" rel="noreferrer">
            {t('dues.receipt', { number: payment.receipt.number })}
          </a>
        )
      }
    />
  )
}
