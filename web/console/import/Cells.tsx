import { Button, NativeSelect } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import type { CellAnswer, UploadCells, UploadView } from '../../../src/imports/uploads/contract.ts'
import type { MemberSummary } from '../../../src/members/contract.ts'
import { callApi } from '../../api/client.ts'
import { today } from '../../api/clock.ts'
import { useAction } from '../../api/useAction.ts'
import { DateField } from '../../ui/fields/days/DateField.tsx'
import { countOf, dayOf } from '../../ui/format/format.ts'
import { useText } from '../../ui/format/text.ts'
import { nameIn } from '../../ui/format/trade.ts'
import { Failure } from '../../ui/Notice.tsx'
import { CommunePick } from '../members/form/CommunePick.tsx'
import { useCurrent } from '../shell/current.tsx'
import { useOwnTrades } from '../shell/ownTrades.ts'
import classes from './Import.module.css'
import { uploadCellsQuery, uploadQuery } from './queries.ts'

/** Lists the cells that were not understood, or say a signature without its day: one answer is that of all cells written alike. */
export function Cells(props: { upload: UploadView }) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const { upload } = props
  const cells = useQuery(uploadCellsQuery(scheme.id, upload.id))
  const answer = useAction(
    (body: CellAnswer) =>
      callApi('answerUploadCells', { params: { scheme: scheme.id, id: upload.id }, body }),
    {
      stores: uploadQuery(scheme.id, upload.id).queryKey,
      refresh: [
        ['upload-rows', scheme.id, upload.id],
        ['upload-cells', scheme.id, upload.id],
      ],
    },
  )
  const { asked = [], guessed = [], answered = [] } = cells.data ?? {}
  if (asked.length + guessed.length + answered.length === 0) return null
  return (
    <section className={classes.step} aria-labelledby="import-cells" aria-busy={answer.isPending}>
      <div className={classes.stepHead}>
        <h2 id="import-cells" className={classes.title}>
          {t(asked.length > 0 ? 'import.cells' : 'import.cells.done')}
        </h2>
        {asked.length > 0 && <span className={classes.mute}>{t('import.cells.lead')}</span>}
      </div>
      <Failure error={answer.failure} />
      <ul className={classes.rows}>
        {asked.map((group) => (
          <li key={`${group.kind} ${group.written}`} className={classes.row}>
            {group.kind === 'charter' ? (
              <UndatedCharters group={group} isPending={answer.isPending} onAnswer={answer.mutate} />
            ) : (
              <Asked group={group} isPending={answer.isPending} onAnswer={answer.mutate} />
            )}
          </li>
        ))}
      </ul>
      {guessed.length > 0 && (
        <Guessed guessed={guessed} isPending={answer.isPending} onAnswer={answer.mutate} />
      )}
      {[
        { title: t('import.cells.kept'), given: answered.filter(({ kind }) => kind !== 'charter') },
        { title: t('import.cells.once'), given: answered.filter(({ kind }) => kind === 'charter') },
      ].map(
        ({ title, given }) =>
          given.length > 0 && (
            <Answered
              key={title}
              title={title}
              given={given}
              isPending={answer.isPending}
              onAnswer={answer.mutate}
            />
          ),
      )}
    </section>
  )
}

/** Lists answers that this list was read by, each with its undo. */
function Answered(props: {
  title: string
  given: UploadCells['answered']
  isPending: boolean
  onAnswer: (answer: CellAnswer) => void
}) {
  const { t, lang } = useText()
  const id = useId()
  const answerName = useAnswerName()
  const nameOf = ({ kind, answer }: UploadCells['answered'][number]) => {
    const { name } = answer
    if (kind !== 'charter') return answerName(kind, answer)
    return name === 'joined' ? t('import.charter.byJoining') : dayOf(lang, `${name}T12:00:00Z`)
  }
  return (
    <div>
      <h3 id={id} className={classes.sub}>
        {props.title}
      </h3>
      <ul className={classes.answered} aria-labelledby={id}>
        {props.given.map((one) => (
          <li key={`${one.kind} ${one.written}`}>
            <span>
              {t('import.cells.as', { count: one.rows, written: one.as, name: nameOf(one) })}
              {!one.isOwn && <span className={classes.mute}> {t('import.cells.ofScheme')}</span>}
            </span>
            {one.isOwn && (
              <Button
                variant="subtle"
                size="sm"
                disabled={props.isPending}
                aria-label={t('import.cells.forget', { written: one.as })}
                onClick={() => props.onAnswer({ kind: one.kind, written: one.written, answer: null })}
              >
                {t('action.undo')}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </div>
  )
}

/** Lists cells that were guessed from some of their words, each with a way to change the guess. */
function Guessed(props: {
  guessed: UploadCells['guessed']
  isPending: boolean
  onAnswer: (answer: CellAnswer) => void
}) {
  const { t } = useText()
  const id = useId()
  const [open, setOpen] = useState<string | null>(null)
  return (
    <div>
      <h3 id={id} className={classes.sub}>
        {t('import.cells.guessed')}
      </h3>
      <ul className={classes.answered} aria-labelledby={id}>
        {props.guessed.map(({ guess, ...group }) => {
          const key = `${group.kind} ${group.written}`
          return (
            <li key={key}>
              <span>{t('import.cells.as', { count: group.rows, written: group.as, name: guess.name })}</span>
              <Button
                variant="subtle"
                size="sm"
                disabled={props.isPending}
                aria-label={t('import.cells.change', { written: group.as })}
                aria-expanded={open === key}
                onClick={() => setOpen(open === key ? null : key)}
              >
                {t('import.cells.change.do')}
              </Button>
              {open === key && (
                <FocusedField>
                  <Asked
                    group={{ ...group, proposals: [] }}
                    isPending={props.isPending}
                    onAnswer={props.onAnswer}
                  />
                </FocusedField>
              )}
            </li>
          )
        })}
      </ul>
    </div>
  )
}

/** Focuses the field of what a button opened beside itself. */
function FocusedField(props: { children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => box.current?.querySelector<HTMLElement>('input, select')?.focus(), [])
  return <div ref={box}>{props.children}</div>
}

interface AskedProps {
  group: UploadCells['asked'][number]
  isPending: boolean
  onAnswer: (answer: CellAnswer) => void
}

/** Asks once for the day of all charters that the list says are signed: evidence needs its day. */
function UndatedCharters({ group, isPending, onAnswer }: AskedProps) {
  const { t, lang } = useText()
  const { kind, written, as, rows, joined = 0 } = group
  const form = useForm({ initialValues: { day: '' } })
  return (
    <fieldset className={classes.cell} disabled={isPending}>
      <legend>{t('import.charter', { count: rows, shown: countOf(lang, rows), written: as })}</legend>
      {joined > 0 && (
        <Button variant="default" size="sm" onClick={() => onAnswer({ kind, written, answer: 'joined' })}>
          {t('import.charter.joined', { count: joined, shown: countOf(lang, joined) })}
        </Button>
      )}
      <form
        noValidate
        className={classes.day}
        onSubmit={form.onSubmit(({ day }) => {
          if (day !== '') onAnswer({ kind, written, answer: day })
        })}
      >
        <DateField
          kind="day"
          label={t('import.charter.day')}
          max={today()}
          value={form.values.day}
          onChange={(day) => form.setFieldValue('day', day)}
        />
        <Button type="submit" variant="default" disabled={form.values.day === ''}>
          {t('import.charter.do')}
        </Button>
      </form>
      <p className={classes.mute}>{t('import.charter.what')}</p>
    </fieldset>
  )
}

function Asked(props: Omit<AskedProps, 'group'> & { group: Omit<AskedProps['group'], 'line'> }) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const { kind, written, as, rows, proposals } = props.group
  const nameOf = useAnswerName()
  const trades = useOwnTrades()
  const answerWith = (answer: string) => props.onAnswer({ kind, written, answer })
  return (
    <fieldset className={classes.cell} disabled={props.isPending}>
      <legend>{t('import.cells.asked', { count: rows, written: as })}</legend>
      {proposals.map((one) => (
        <Button key={one.code} variant="default" size="sm" onClick={() => answerWith(one.code)}>
          {nameOf(kind, one)}
        </Button>
      ))}
      {kind === 'commune' && (
        <CommunePick
          schemeId={scheme.id}
          value={null}
          onPick={(commune) => {
            if (commune !== null) answerWith(commune.code)
          }}
          error={null}
          description={undefined}
        />
      )}
      {kind === 'trade' && (
        <TradePick
          trades={trades.map((one) => ({ value: one.code, label: nameIn(lang, one) }))}
          onPick={answerWith}
        />
      )}
    </fieldset>
  )
}

/** Chooses a trade by a button, so that moving in the list by keyboard answers nothing. */
function TradePick(props: { trades: { value: string; label: string }[]; onPick: (trade: string) => void }) {
  const { t } = useText()
  const form = useForm({ initialValues: { trade: '' } })
  return (
    <form
      noValidate
      className={classes.day}
      onSubmit={form.onSubmit(({ trade }) => {
        if (trade !== '') props.onPick(trade)
      })}
    >
      <NativeSelect
        label={t('members.trade')}
        data={[{ value: '', label: t('join.trade.choose') }, ...props.trades]}
        {...form.getInputProps('trade')}
      />
      <Button type="submit" variant="default" disabled={form.values.trade === ''}>
        {t('import.cells.do')}
      </Button>
    </form>
  )
}

/** Returns the name of an answer in the language of the screen, where it has one. */
function useAnswerName() {
  const { t } = useText()
  return (kind: CellAnswer['kind'], { code, name }: { code: string; name: string }): string => {
    const status = STATUSES.find((one) => kind === 'status' && one === code)
    return status === undefined ? name : t(`member.status.${status}`)
  }
}

const STATUSES: readonly MemberSummary['status'][] = ['active', 'pending', 'suspended', 'left']
