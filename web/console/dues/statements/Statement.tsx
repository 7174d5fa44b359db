import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import type { StatementLineView, StatementView } from '../../../../src/dues/statements/contract.ts'
import { isRefusal } from '../../../api/problems.ts'
import { moneyOf, untilOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import classes from '../Dues.module.css'
import { statementQuery } from '../queries.ts'
import { DoubtfulLines } from './DoubtfulLines.tsx'
import { AppliedLines, AsideLines, LineGroup, ReturnedLines, UnrelatedLines } from './LineGroups.tsx'
import { besideDebit, useDecisions } from './useDecisions.ts'

/** Shows a bank statement: its sure lines with their one button, then those that need a decision. */
export function Statement(props: { schemeId: string; id: string }) {
  const { t } = useText()
  const { schemeId, id } = props
  const statement = useQuery(statementQuery(schemeId, id))
  const { aside, act, asked, decide, decideAll, apply, undo } = useDecisions(schemeId, id)
  const view = statement.data
  if (view === undefined) {
    return statement.isError ? (
      <Failure error={statement.error} retry={() => void statement.refetch()} />
    ) : (
      <p className={classes.about}>{t('statements.reading')}</p>
    )
  }
  const ofVerdict = (verdict: StatementLineView['verdict']) =>
    view.lines.filter((line) => line.verdict === verdict)
  const sure = ofVerdict('sure')
  const asideNow = ofVerdict('set_aside')
    .map((line) => line.id)
    .filter((line) => aside.includes(line))
  const confirmed = asked === null ? undefined : besideDebit(asked.body)
  return (
    <div className={classes.statement}>
      <Sums view={view} />
      <WholeActions view={view} sure={sure} busy={act.isPending} apply={apply} undo={undo} />
      {asideNow.length > 0 && (
        <SetAside count={asideNow.length} busy={act.isPending} undo={() => decideAll('open', asideNow)} />
      )}
      <Failure error={act.failure} />
      {isRefusal(act.error, 'debit_under_way') && asked !== null && confirmed !== undefined && (
        <Button
          variant="default"
          mih={44}
          className={classes.left ?? ''}
          onClick={() => decide(asked.line, confirmed)}
        >
          {t('statements.besideDebit')}
        </Button>
      )}
      <DoubtfulLines
        schemeId={schemeId}
        lines={ofVerdict('doubtful')}
        isNext={sure.length === 0}
        busy={act.isPending}
        decide={decide}
      />
      <ReturnedLines schemeId={schemeId} lines={ofVerdict('returned')} busy={act.isPending} decide={decide} />
      <LineGroup title={t('statements.sure')} lines={sure} />
      <UnrelatedLines
        schemeId={schemeId}
        lines={ofVerdict('unrelated')}
        busy={act.isPending}
        decide={decide}
        setAside={(lines) => decideAll('unrelated', lines)}
      />
      <AsideLines
        lines={ofVerdict('set_aside')}
        busy={act.isPending}
        decide={decide}
        reopen={(lines) => decideAll('open', lines)}
      />
      <AppliedLines schemeId={schemeId} lines={ofVerdict('applied')} />
    </div>
  )
}

/** Counts the lines of each kind, and those that were left out. */
function Sums({ view }: { view: StatementView }) {
  const { t, lang } = useText()
  const { sums, known, old, toCome } = view
  return (
    <>
      <p className={classes.counted} role="status">
        {t('statements.sums', {
          sure: sums.sure.count,
          amount: moneyOf(lang, sums.sure.amountCents),
          doubtful: sums.doubtful.count,
          returned: sums.returned.count,
          unrelated: sums.unrelated.count + sums.set_aside.count,
        })}
      </p>
      {known + old + toCome > 0 && (
        <p className={classes.about}>{t('statements.left', { known, old, toCome })}</p>
      )}
    </>
  )
}

/** Records all sure lines, or undoes what was recorded. */
function WholeActions(props: {
  view: StatementView
  sure: readonly StatementLineView[]
  busy: boolean
  apply: (lines: readonly string[]) => void
  undo: () => void
}) {
  const { t, lang } = useText()
  const now = useMinute()
  const { view, sure, busy } = props
  return (
    <div className={classes.actions}>
      {sure.length > 0 && (
        <Button loading={busy} onClick={() => props.apply(sure.map((line) => line.id))}>
          {t('statements.apply', { count: sure.length, amount: moneyOf(lang, view.sums.sure.amountCents) })}
        </Button>
      )}
      {view.undoableUntil !== null && (
        <Button
          variant="default"
          mih={44}
          classNames={{ root: classes.payer, label: classes.payerLabel }}
          disabled={busy}
          onClick={props.undo}
        >
          {t('statements.undo', { until: untilOf(lang, view.undoableUntil, now) })}
        </Button>
      )}
    </div>
  )
}

/** Says how many lines were set aside in one act, with its undo, which takes the focus from the button that is gone. */
function SetAside(props: { count: number; busy: boolean; undo: () => void }) {
  const { t } = useText()
  const undo = useRef<HTMLButtonElement>(null)
  useEffect(() => undo.current?.focus(), [])
  return (
    <p className={classes.line} role="status">
      <span>{t('statements.set_aside.done', { count: props.count })}</span>
      <Button ref={undo} variant="default" mih={44} disabled={props.busy} onClick={props.undo}>
        {t('action.undo')}
      </Button>
    </p>
  )
}
