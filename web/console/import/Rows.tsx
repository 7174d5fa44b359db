import { ActionIcon, Button, Input, Radio, SegmentedControl, Skeleton } from '@mantine/core'
import IconChevronDown from '@tabler/icons-react/icons/IconChevronDown'
import IconChevronUp from '@tabler/icons-react/icons/IconChevronUp'
import { type InfiniteData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { type KeyboardEvent, useId, useState } from 'react'
import type {
  AnswerAll,
  RemarkView,
  RowFix,
  UploadRow,
  UploadRowPage,
  UploadView,
} from '../../../src/imports/uploads/contract.ts'
import { callApi } from '../../api/client.ts'
import { useAction } from '../../api/useAction.ts'
import { countOf } from '../../ui/format/format.ts'
import { useText } from '../../ui/format/text.ts'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { StateTag } from '../../ui/StateTag.tsx'
import { useCurrent } from '../shell/current.tsx'
import classes from './Import.module.css'
import { uploadQuery, uploadRowsQuery } from './queries.ts'
import type { Check } from './useCheck.ts'

type Which = 'bad' | 'asked' | 'dropped'

/**
 * Lists the rows with errors and lets them be corrected in place; then those that need a decision, and those left out.
 */
export function Rows(props: { upload: UploadView; check: Check }) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const { upload } = props
  const undecided = upload.report?.undecided ?? 0
  const [chosen, choose] = useState<Which | null>(null)
  // Rows that only a person can decide on come first.
  const which = chosen ?? (undecided > 0 ? 'asked' : 'bad')
  const rows = useInfiniteQuery(uploadRowsQuery(scheme.id, upload.id, which))
  const shown = rows.data?.pages.flatMap((page) => page.rows) ?? []
  const counts: Record<Which, number | undefined> = {
    bad: upload.report === null ? undefined : upload.report.skipped - undecided,
    asked: upload.report === null ? undefined : undecided,
    dropped: upload.dropped,
  }
  const hasQuestions = undecided > 0 || upload.answered > 0 || which === 'asked'
  const tabs = (['asked', 'bad', 'dropped'] as const).filter((one) => one !== 'asked' || hasQuestions)
  const withCount = (one: Which) => {
    const count = counts[one]
    const label = t(`import.rows.${one}`)
    return count === undefined ? label : `${label} (${countOf(lang, count)})`
  }
  return (
    <section className={classes.step} aria-labelledby="import-rows">
      <div className={classes.stepHead}>
        <h2 id="import-rows" className={classes.title}>
          {t('import.rows')}
        </h2>
        <SegmentedControl
          aria-label={t('import.rows')}
          value={which}
          className={classes.which ?? ''}
          onChange={(value) => choose(tabs.find((one) => one === value) ?? 'bad')}
          data={tabs.map((one) => ({ value: one, label: withCount(one) }))}
        />
      </div>
      {which === 'asked' && undecided > 0 && (
        <AllAsked upload={upload} count={undecided} onAnswered={() => choose('asked')} />
      )}
      {rows.isError && <Failure error={rows.error} retry={() => void rows.refetch()} />}
      {rows.isPending && <Skeleton height={120} />}
      {rows.isSuccess && shown.length === 0 && <Empty small title={t(`import.rows.none.${which}`)} />}
      <ul className={classes.rows} onKeyDown={walkRows}>
        {shown.map((row) => (
          <li key={row.line}>
            <Row
              upload={upload}
              row={row}
              which={which}
              onFixed={() => {
                choose(which)
                props.check.soon()
              }}
            />
          </li>
        ))}
      </ul>
      {rows.hasNextPage && (
        <Button
          variant="default"
          className={classes.more ?? ''}
          loading={rows.isFetchingNextPage}
          onClick={() => void rows.fetchNextPage()}
        >
          {t('action.more')}
        </Button>
      )}
    </section>
  )
}

/** One decision for all rows that need one. */
function AllAsked(props: { upload: UploadView; count: number; onAnswered: () => void }) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const { upload, count } = props
  const answer = useAction(
    (body: AnswerAll) => callApi('answerUploadRows', { params: { scheme: scheme.id, id: upload.id }, body }),
    {
      stores: uploadQuery(scheme.id, upload.id).queryKey,
      refresh: [['upload-rows', scheme.id, upload.id]],
      onSuccess: () => props.onAnswered(),
    },
  )
  return (
    <div className={classes.asked}>
      <p>{t('import.asked', { count })}</p>
      {count > 1 && (
        <fieldset className={classes.actions} disabled={answer.isPending}>
          <legend>{t('import.asked.all', { count })}</legend>
          {(['same', 'other', 'dropped'] as const).map((one) => (
            <Button key={one} variant="default" size="sm" onClick={() => answer.mutate({ answer: one })}>
              {t(`import.asked.all.${one}`)}
            </Button>
          ))}
        </fieldset>
      )}
      <Failure error={answer.failure} />
    </div>
  )
}

function Row(props: { upload: UploadView; row: UploadRow; which: Which; onFixed: () => void }) {
  const { t } = useText()
  const { upload, row } = props
  const [typed, setTyped] = useState<Readonly<Record<number, string>>>({})
  const [isOpen, setOpen] = useState(false)
  const id = useId()
  const fix = useFix(props, () => setTyped({}))
  const { question } = row
  const isGood = row.problems.length === 0 && !row.dropped && (question === null || question.answer !== null)
  const name = row.cells.find((cell) => cell.trim() !== '') ?? ''
  const facts = row.cells.filter(
    (cell, index) => cell.trim() !== '' && cell !== name && upload.columns[index]?.field !== null,
  )
  const changed = Object.entries(typed).map(([index, text]) => ({ index: Number(index), text }))
  const wrong = upload.columns.flatMap((_, index) =>
    typed[index] !== undefined || row.problems.some((problem) => problem.index === index) ? [index] : [],
  )
  // A cell that is being corrected has no reason until the server has read it again.
  const reasons = row.problems.filter(({ index }) => index === null || typed[index] === undefined)
  const isAsked = question !== null && !row.dropped
  const isCorrected = isGood && row.edited
  const cells = (indices: readonly number[]) =>
    indices.map((index) => (
      <CellField
        key={index}
        header={upload.columns[index]?.header || t('import.column.nameless', { n: index + 1 })}
        value={typed[index] ?? row.cells[index] ?? ''}
        isWrong={typed[index] === undefined && row.problems.some((problem) => problem.index === index)}
        reason={`${id}-why`}
        onChange={(value) => setTyped((before) => ({ ...before, [index]: value }))}
      />
    ))
  return (
    <form
      className={classes.row}
      aria-label={t('import.row', { line: row.line, name })}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (changed.length > 0 && !fix.isPending) fix.mutate({ cells: changed })
      }}
    >
      <span className={classes.lineNo}>{row.line}</span>
      <span className={classes.what}>
        <b>{name}</b>
        <small>{facts.join(' · ')}</small>
      </span>
      <span className={classes.whys}>
        {isAsked && (
          <span id={`${id}-question`} className={classes.why}>
            {question.message}
          </span>
        )}
        {/* An answer may lead to another reason: another row is that member already, or it left. */}
        {reasons.length > 0 && (
          <span id={`${id}-why`} className={classes.problem}>
            {reasons.map(wordsOf).join(' ')}
          </span>
        )}
        {isCorrected && <StateTag tone="good">{t('import.row.good')}</StateTag>}
        {row.dropped && <StateTag tone="neutral">{t('import.row.dropped')}</StateTag>}
      </span>
      <span className={classes.inline}>
        {isAsked && (
          <Answers
            question={question}
            isPending={fix.isPending}
            labelledBy={`${id}-question`}
            onFix={fix.mutate}
          />
        )}
        {!row.dropped && !isOpen && cells(wrong)}
      </span>
      <span className={classes.acts}>
        {!row.dropped && (wrong.length > 0 || isOpen) && (
          <Button type="submit" size="xs" loading={fix.isPending} disabled={changed.length === 0}>
            {t('import.row.save')}
          </Button>
        )}
        <RowActs row={row} fix={fix} isOpen={isOpen} onOpen={setOpen} />
      </span>
      {isOpen && !row.dropped && <div className={classes.cells}>{cells([...upload.columns.keys()])}</div>}
      <Failure error={fix.failure} />
    </form>
  )
}

/** Withdraws the answer, drops or takes the row, and opens its other cells. */
function RowActs(props: {
  row: UploadRow
  fix: ReturnType<typeof useFix>
  isOpen: boolean
  onOpen: (isOpen: boolean) => void
}) {
  const { t } = useText()
  const { row, fix, isOpen } = props
  return (
    <>
      {typeof row.question?.answer === 'string' && !row.dropped && (
        <Button
          variant="subtle"
          size="xs"
          disabled={fix.isPending}
          onClick={() => fix.mutate({ cells: [], answer: null })}
        >
          {t('import.asked.clear')}
        </Button>
      )}
      <Button
        variant="default"
        size="xs"
        disabled={fix.isPending}
        onClick={() => fix.mutate({ cells: [], dropped: !row.dropped })}
      >
        {t(row.dropped ? 'import.row.take' : 'import.row.drop')}
      </Button>
      {!row.dropped && (
        <ActionIcon
          variant="subtle"
          size={32}
          aria-label={t(isOpen ? 'import.row.less' : 'import.row.whole')}
          aria-expanded={isOpen}
          onClick={() => props.onOpen(!isOpen)}
        >
          {isOpen ? <IconChevronUp size={18} aria-hidden /> : <IconChevronDown size={18} aria-hidden />}
        </ActionIcon>
      )}
    </>
  )
}

/** Sends corrections of a row, and shows what the server made of them. */
function useFix(
  { upload, row, which, onFixed }: { upload: UploadView; row: UploadRow; which: Which; onFixed: () => void },
  onDone: () => void,
) {
  const { scheme } = useCurrent()
  const client = useQueryClient()
  const { queryKey } = uploadRowsQuery(scheme.id, upload.id, which)
  return useAction(
    (body: RowFix) =>
      callApi('fixUploadRow', { params: { scheme: scheme.id, id: upload.id, line: row.line }, body }),
    {
      onSuccess: (fresh) => {
        onDone()
        client.setQueryData<InfiniteData<UploadRowPage>>(queryKey, (data) =>
          data === undefined
            ? data
            : {
                ...data,
                pages: data.pages.map((page) => ({
                  ...page,
                  rows: page.rows.map((one) => (one.line === fresh.line ? fresh : one)),
                })),
              },
        )
        onFixed()
      },
    },
  )
}

/** The answers to the question whether a row is a member that there is. */
function Answers(props: {
  question: NonNullable<UploadRow['question']>
  isPending: boolean
  labelledBy: string
  onFix: (fix: RowFix) => void
}) {
  const { t } = useText()
  const { question } = props
  return (
    <Radio.Group
      aria-labelledby={props.labelledBy}
      value={question.answer === 'same' ? question.member : question.answer}
      onChange={(value) => {
        if (props.isPending) return
        const member = question.members.find(({ id }) => id === value)
        if (member !== undefined) props.onFix({ cells: [], answer: 'same', member: member.id })
        else props.onFix({ cells: [], answer: 'other' })
      }}
    >
      <div className={classes.answers}>
        {question.members.map((member) => (
          <Radio
            key={member.id}
            value={member.id}
            label={
              question.members.length === 1
                ? t('import.asked.same')
                : t('import.asked.same.of', { name: member.name })
            }
          />
        ))}
        <Radio value="other" label={t('import.asked.other')} />
      </div>
    </Radio.Group>
  )
}

function CellField(props: {
  header: string
  value: string
  isWrong: boolean
  /** The element that says why it is wrong. */
  reason: string
  onChange: (value: string) => void
}) {
  const id = useId()
  return (
    <label className={classes.cellField} htmlFor={id}>
      <span>{props.header}</span>
      <Input
        id={id}
        size="xs"
        value={props.value}
        error={props.isWrong}
        aria-describedby={props.isWrong ? props.reason : undefined}
        maxLength={1000}
        onChange={(event) => props.onChange(event.currentTarget.value)}
      />
    </label>
  )
}

function wordsOf({ message, hint }: RemarkView): string {
  return hint === null ? message : `${message} ${hint}`
}

/** Goes to the row above or below by Alt and an arrow, from any of its fields. */
function walkRows(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling' } as const
  if (!event.altKey || !(event.key === 'ArrowDown' || event.key === 'ArrowUp')) return
  const row = (event.target as Element).closest('li')
  const control = row?.[step[event.key]]?.querySelector<HTMLElement>('input:checked, input, button')
  if (control == null) return
  event.preventDefault()
  control.focus()
}
