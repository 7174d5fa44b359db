import { Button } from '@mantine/core'
import { type KeyboardEvent, useEffect, useRef } from 'react'
import type { DecideLine, StatementLineView } from '../../../../src/dues/statements/contract.ts'
import { moneyOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { isTyping } from '../../../ui/typing.ts'
import classes from '../Dues.module.css'
import { LineText } from './LineText.tsx'
import { OtherPayer } from './OtherPayer.tsx'
import { SplitLine } from './SplitLine.tsx'
import type { Decide } from './useDecisions.ts'

/** Lists lines that need a decision. The keys 1 to 3 choose a proposal of the line that has the focus, 0 sets it aside. */
export function DoubtfulLines(props: {
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
            <LineText line={line} />
            {line.reason !== null && (
              <small className={classes.why}>{t(`statements.reason.${line.reason}`)}</small>
            )}
            <span className={classes.choices}>
              {line.proposals.map(({ member, person, owedCents }, i) => (
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
                    by: person === null ? 'business' : 'person',
                    person: person ?? '',
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
