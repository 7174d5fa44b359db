import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import type {
  DecideLine,
  StatementLineView,
  StatementView,
} from '../../../../src/dues/statements/contract.ts'
import { callApi, urlOf } from '../../../api/client.ts'
import { isRefusal } from '../../../api/problems.ts'
import { useAction } from '../../../api/useAction.ts'
import { dayOf, moneyOf, untilOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { StateTag } from '../../../ui/StateTag.tsx'
import { isTyping } from '../../../ui/typing.ts'
import classes from '../Dues.module.css'
import { statementQuery } from '../queries.ts'
import { OtherPayer } from './OtherPayer.tsx'
import { SplitLine } from './SplitLine.tsx'

type Decide = (line: StatementLineView, decision: DecideLine) => void

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
      <Doubtful
        schemeId={schemeId}
        lines={ofVerdict('doubtful')}
        isNext={sure.length === 0}
        busy={act.isPending}
        decide={decide}
      />
      <Returned schemeId={schemeId} lines={ofVerdict('returned')} busy={act.isPending} decide={decide} />
      <Group title={t('statements.sure')} lines={sure} />
      <Others
        schemeId={schemeId}
        lines={ofVerdict('unrelated')}
        busy={act.isPending}
        decide={decide}
        setAside={(lines) => decideAll('unrelated', lines)}
      />
      <Aside
        lines={ofVerdict('set_aside')}
        busy={act.isPending}
        decide={decide}
        reopen={(lines) => decideAll('open', lines)}
      />
      <Applied schemeId={schemeId} lines={ofVerdict('applied')} />
    </div>
  )
}

/** Sends the decisions about the lines of a statement, one at a time. */
function useDecisions(schemeId: string, id: string) {
  const { queryKey } = statementQuery(schemeId, id)
  const params = { scheme: schemeId, statement: id }
  /** The last decision, which may be confirmed although a debit is under way. */
  const [asked, setAsked] = useState<{ line: StatementLineView; body: DecideLine } | null>(null)
  /** The lines that were just set aside in one act. */
  const [aside, setAside] = useState<readonly string[]>([])
  const act = useAction((send: () => Promise<StatementView>) => send(), {
    stores: queryKey,
    refresh: [
      ['statements', schemeId],
      ['dues', schemeId],
      ['member-dues', schemeId],
    ],
    // The amount owed by a member may have changed meanwhile.
    refreshAfterFailure: [queryKey],
  })
  const decide: Decide = (line, body) => {
    setAsked({ line, body })
    act.mutate(() => callApi('decideStatementLine', { params: { ...params, line: line.id }, body }))
  }
  const decideAll = (is: 'unrelated' | 'open', lines: readonly string[]) => {
    setAsked(null)
    act.mutate(() => callApi('decideStatementLines', { params, body: { is, lines: [...lines] } }), {
      onSuccess: () => setAside(is === 'unrelated' ? lines : []),
    })
  }
  const apply = (lines: readonly string[]) =>
    act.mutate(() => callApi('applyStatement', { params, body: { lines: [...lines] } }))
  const undo = () => act.mutate(() => callApi('undoStatement', { params }))
  return { act, asked, aside, decide, decideAll, apply, undo }
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

/** Returns the decision that records a payment beside a debit under way; undefined for one that records none. */
function besideDebit(decision: DecideLine): DecideLine | undefined {
  return decision.is === 'payment' || decision.is === 'split' ? { ...decision, besideDebit: true } : undefined
}

/** Lists lines that need a decision. The keys 1 to 3 choose a proposal of the line that has the focus, 0 sets it aside. */
function Doubtful(props: {
  schemeId: string
  lines: readonly StatementLineView[]
  /** Whether nothing is left to do before them: the first line then takes the focus. */
  isNext: boolean
  busy: boolean
  decide: Decide
}) {
  const { t, lang } = useText()
  const list = useRef<HTMLUListElement>(null)
  const decided = useRef<number | null>(null)
  const { lines, isNext, busy } = props
  useEffect(() => {
    if (isNext) decided.current ??= 0
  }, [isNext])
  // The next line takes the focus, so that the next key decides it.
  useEffect(() => {
    if (decided.current === null || busy || lines.length === 0) return
    const next = list.current?.children[Math.min(decided.current, lines.length - 1)]
    decided.current = null
    next?.querySelector('button')?.focus()
  }, [busy, lines])
  if (lines.length === 0) return null
  const choose = (index: number, decision: DecideLine) => {
    decided.current = index
    props.decide(lines[index]!, decision)
  }
  const paymentOf = (line: StatementLineView, member: string): DecideLine => ({
    ...{ is: 'payment', member },
    // The line says that a debit is under way.
    ...(line.reason === 'debit' && { besideDebit: true }),
  })
  const press = (event: KeyboardEvent, index: number) => {
    if (isTyping(event.target) || busy || event.ctrlKey || event.altKey || event.metaKey) return
    const line = lines[index]!
    const chosen = line.proposals[Number(event.key) - 1]
    if (event.key === '0') choose(index, { is: 'unrelated' })
    else if (chosen !== undefined) choose(index, paymentOf(line, chosen.member.id))
  }
  return (
    <section aria-labelledby="a-verifier">
      <h3 id="a-verifier" className={classes.sub}>
        {t('statements.doubtful', { count: lines.length })}
      </h3>
      <p className={classes.about}>{t('statements.keys')}</p>
      <ul className={classes.list} ref={list}>
        {lines.map((line, index) => (
          <li key={line.id} onKeyDown={(event) => press(event, index)}>
            <What line={line} />
            {line.reason !== null && (
              <small className={classes.why}>{t(`statements.reason.${line.reason}`)}</small>
            )}
            <span className={classes.choices}>
              {line.proposals.map(({ member, owedCents }, i) => (
                <Button
                  key={member.id}
                  variant="default"
                  size="compact-sm"
                  mih={44}
                  classNames={{ root: classes.payer, label: classes.payerLabel }}
                  disabled={busy}
                  aria-keyshortcuts={String(i + 1)}
                  leftSection={<kbd className={classes.key}>{i + 1}</kbd>}
                  onClick={() => choose(index, paymentOf(line, member.id))}
                >
                  {t(owedCents < line.amountCents ? 'statements.payer.advance' : 'statements.payer', {
                    name: member.name,
                    commune: member.commune,
                    owed: moneyOf(lang, Math.max(0, owedCents)),
                    advance: moneyOf(lang, line.amountCents - Math.max(0, owedCents)),
                  })}
                </Button>
              ))}
              <OtherPayer
                schemeId={props.schemeId}
                {...(line.proposals.length === 0 && { label: t('statements.other.first') })}
                busy={busy}
                onPick={({ id }) => choose(index, paymentOf(line, id))}
              />
              <Button
                variant="subtle"
                size="compact-sm"
                mih={44}
                disabled={busy}
                aria-keyshortcuts="0"
                leftSection={<kbd className={classes.key}>0</kbd>}
                onClick={() => choose(index, { is: 'unrelated' })}
              >
                {t('statements.unrelated.do')}
              </Button>
              <SplitLine
                schemeId={props.schemeId}
                line={line}
                busy={busy}
                decide={(decision) => choose(index, decision)}
              />
            </span>
          </li>
        ))}
      </ul>
    </section>
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

/** Lists lines about something else, of which one may still be a payment of a member. They can be set aside. */
function Others(props: {
  schemeId: string
  lines: readonly StatementLineView[]
  busy: boolean
  decide: Decide
  setAside: (lines: readonly string[]) => void
}) {
  const { t } = useText()
  return (
    <Group
      title={t('statements.unrelated')}
      lines={props.lines}
      all={(lines) => (
        <Button
          variant="default"
          mih={44}
          className={classes.left ?? ''}
          disabled={props.busy}
          onClick={() => props.setAside(lines)}
        >
          {t('statements.set_aside.all', { count: lines.length })}
        </Button>
      )}
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

/** Lists returned transfers: those whose money came in may still be payments, and each can be set aside. */
function Returned(props: {
  schemeId: string
  lines: readonly StatementLineView[]
  busy: boolean
  decide: Decide
}) {
  const { t } = useText()
  return (
    <Group
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

/** Lists lines that were set aside, which can be opened again one by one or all at once. */
function Aside(props: {
  lines: readonly StatementLineView[]
  busy: boolean
  decide: Decide
  reopen: (lines: readonly string[]) => void
}) {
  const { t } = useText()
  return (
    <Group
      title={t('statements.set_aside')}
      lines={props.lines}
      all={(lines) => (
        <Button
          variant="default"
          mih={44}
          className={classes.left ?? ''}
          disabled={props.busy}
          onClick={() => props.reopen(lines)}
        >
          {t('statements.reopen.all', { count: lines.length })}
        </Button>
      )}
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
function Applied(props: { schemeId: string; lines: readonly StatementLineView[] }) {
  const { t } = useText()
  const receiptOf = ({ year, no }: { year: number; no: number }) =>
    urlOf('getReceipt', { params: { scheme: props.schemeId, year, no } })
  return (
    <Group
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

/** A group of lines, closed at first. */
function Group(props: {
  title: string
  lines: readonly StatementLineView[]
  open?: boolean
  act?: (line: StatementLineView) => React.ReactNode
  /** Draws the button that decides all of the lines at once. */
  all?: (lines: readonly string[]) => React.ReactNode
}) {
  const { t } = useText()
  if (props.lines.length === 0) return null
  return (
    <details className={classes.group} open={props.open}>
      <summary>{t('statements.group', { title: props.title, count: props.lines.length })}</summary>
      {props.all?.(props.lines.map((line) => line.id))}
      <ul className={classes.list}>
        {props.lines.map((line) => (
          <li key={line.id}>
            <What line={line} />
            {props.act?.(line)}
          </li>
        ))}
      </ul>
    </details>
  )
}

/** Shows the bank's text of a line, and the member that it means. */
function What(props: { line: StatementLineView }) {
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
