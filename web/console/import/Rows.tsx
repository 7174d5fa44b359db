import { Button, Radio, SegmentedControl, Skeleton, TextInput } from '@mantine/core'
import { type InfiniteData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
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
import { countOf } from '../../ui/format.ts'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { StateTag } from '../../ui/StateTag.tsx'
import { useText } from '../../ui/text.ts'
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
      <ul className={classes.rows}>
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
      <fieldset className={classes.actions} disabled={answer.isPending}>
        <legend>{t('import.asked.all', { count })}</legend>
        {(['same', 'other', 'dropped'] as const).map((one) => (
          <Button key={one} variant="default" size="sm" onClick={() => answer.mutate({ answer: one })}>
            {t(`import.asked.all.${one}`)}
          </Button>
        ))}
      </fieldset>
      <Failure error={answer.failure} />
    </div>
  )
}

function Row(props: { upload: UploadView; row: UploadRow; which: Which; onFixed: () => void }) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const client = useQueryClient()
  const { upload, row } = props
  const [typed, setTyped] = useState<Readonly<Record<number, string>>>({})
  const [isWhole, setWhole] = useState(false)
  const { queryKey } = uploadRowsQuery(scheme.id, upload.id, props.which)
  const fix = useAction(
    (body: RowFix) =>
      callApi('fixUploadRow', { params: { scheme: scheme.id, id: upload.id, line: row.line }, body }),
    {
      onSuccess: (fresh) => {
        setTyped({})
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
        props.onFixed()
      },
    },
  )
  const ofColumn = (index: number) => row.problems.filter((problem) => problem.index === index)
  const general = row.problems.filter(({ index }) => index === null)
  // A row that is wrong as a whole (a duplicate, a member whose name is doubtful) may be corrected in any cell.
  const isShown = (index: number) => {
    if (isWhole || ofColumn(index).length > 0 || typed[index] !== undefined) return true
    return general.length > 0 && upload.columns[index]?.field !== null
  }
  const name = row.cells.find((cell) => cell.trim() !== '') ?? ''
  const { question } = row
  const isGood = row.problems.length === 0 && !row.dropped && (question === null || question.answer !== null)
  const facts = row.cells.filter((cell, index) => cell.trim() !== '' && upload.columns[index]?.field !== null)
  const changed = Object.entries(typed).map(([index, text]) => ({ index: Number(index), text }))
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
      <div className={classes.rowHead}>
        <b>{t('import.row', { line: row.line, name })}</b>
        {isGood && row.edited && <StateTag tone="good">{t('import.row.good')}</StateTag>}
        {row.dropped && <StateTag tone="neutral">{t('import.row.dropped')}</StateTag>}
      </div>
      {general.map((problem) => (
        <p key={problem.code} className={classes.problem}>
          {wordsOf(problem)}
        </p>
      ))}
      {question !== null && !row.dropped && (
        <>
          <p className={classes.mute}>{facts.join(' · ')}</p>
          <Radio.Group
            label={question.message}
            value={question.answer === 'same' ? question.member : question.answer}
            onChange={(value) => {
              if (fix.isPending) return
              const member = question.members.find(({ id }) => id === value)
              if (member !== undefined) fix.mutate({ cells: [], answer: 'same', member: member.id })
              else fix.mutate({ cells: [], answer: 'other' })
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
        </>
      )}
      {!row.dropped && (
        <div className={classes.cells}>
          {upload.columns.map(
            ({ header }, index) =>
              isShown(index) && (
                <TextInput
                  // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
                  key={index}
                  label={header === '' ? t('import.column.nameless', { n: index + 1 }) : header}
                  value={typed[index] ?? row.cells[index] ?? ''}
                  error={typed[index] === undefined ? ofColumn(index).map(wordsOf).join(' ') || false : false}
                  maxLength={1000}
                  onChange={(event) => {
                    const { value } = event.currentTarget
                    setTyped((before) => ({ ...before, [index]: value }))
                  }}
                />
              ),
          )}
        </div>
      )}
      <Failure error={fix.failure} />
      <div className={classes.actions}>
        {!row.dropped && (question === null || isWhole || changed.length > 0) && (
          <Button type="submit" size="sm" loading={fix.isPending} disabled={changed.length === 0}>
            {t('import.row.save')}
          </Button>
        )}
        <Button
          variant="default"
          size="sm"
          disabled={fix.isPending}
          onClick={() => fix.mutate({ cells: [], dropped: !row.dropped })}
        >
          {t(row.dropped ? 'import.row.take' : 'import.row.drop')}
        </Button>
        {typeof question?.answer === 'string' && !row.dropped && (
          <Button
            variant="subtle"
            size="sm"
            disabled={fix.isPending}
            onClick={() => fix.mutate({ cells: [], answer: null })}
          >
            {t('import.asked.clear')}
          </Button>
        )}
        {!row.dropped && (
          <Button variant="subtle" size="sm" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
            {t(isWhole ? 'import.row.less' : 'import.row.whole')}
          </Button>
        )}
      </div>
    </form>
  )
}

function wordsOf({ message, hint }: RemarkView): string {
  return hint === null ? message : `${message} ${hint}`
}
