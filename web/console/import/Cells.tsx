import { Button, NativeSelect } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import type { CellAnswer, UploadCells, UploadView } from '../../../src/imports/uploads/contract.ts'
import { callApi } from '../../api/client.ts'
import { today } from '../../api/clock.ts'
import { schemeQuery } from '../../api/queries.ts'
import { useAction } from '../../api/useAction.ts'
import { DateField } from '../../ui/fields/DateField.tsx'
import { countOf, dayOf } from '../../ui/format/format.ts'
import { useText } from '../../ui/format/text.ts'
import { nameIn } from '../../ui/format/trade.ts'
import { Failure } from '../../ui/Notice.tsx'
import { CommunePick } from '../members/form/CommunePick.tsx'
import { useCurrent } from '../shell/current.tsx'
import classes from './Import.module.css'
import { uploadCellsQuery, uploadQuery } from './queries.ts'

/** Lists the cells that were not understood, or say a signature without its day: one answer is that of all cells written alike. */
export function Cells(props: { upload: UploadView }) {
  const { t, lang } = useText()
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
  const { asked = [], answered = [] } = cells.data ?? {}
  if (asked.length + answered.length === 0) return null
  const charterAnswer = (of: string) =>
    of === 'joined' ? t('import.charter.byJoining') : dayOf(lang, `${of}T12:00:00Z`)
  return (
    <section className={classes.step} aria-labelledby="import-cells" aria-busy={answer.isPending}>
      <div className={classes.stepHead}>
        <h2 id="import-cells" className={classes.title}>
          {t('import.cells')}
        </h2>
        <span className={classes.mute}>{t('import.cells.lead')}</span>
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
      {answered.length > 0 && (
        <ul className={classes.answered} aria-label={t('import.cells.answered')}>
          {answered.map(({ kind, written, as, rows, answer: { name }, isOwn }) => (
            <li key={`${kind} ${written}`}>
              <span>
                {t('import.cells.as', {
                  count: rows,
                  written: as,
                  name: kind === 'charter' ? charterAnswer(name) : name,
                })}
              </span>
              {isOwn && (
                <Button
                  variant="subtle"
                  size="sm"
                  disabled={answer.isPending}
                  aria-label={t('import.cells.forget', { written: as })}
                  onClick={() => answer.mutate({ kind, written, answer: null })}
                >
                  {t('action.undo')}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
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

function Asked(props: AskedProps) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const { kind, written, as, rows, proposals } = props.group
  const trades = useQuery(schemeQuery(scheme.id)).data?.trades ?? []
  const answerWith = (answer: string) => props.onAnswer({ kind, written, answer })
  return (
    <fieldset className={classes.cell} disabled={props.isPending}>
      <legend>{t('import.cells.asked', { count: rows, written: as })}</legend>
      {proposals.map(({ code, name }) => (
        <Button key={code} variant="default" size="sm" onClick={() => answerWith(code)}>
          {name}
        </Button>
      ))}
      {kind === 'commune' ? (
        <CommunePick
          schemeId={scheme.id}
          value={null}
          onPick={(commune) => {
            if (commune !== null) answerWith(commune.code)
          }}
          error={null}
          description={undefined}
        />
      ) : (
        <NativeSelect
          label={t('members.trade')}
          value=""
          onChange={(event) => answerWith(event.currentTarget.value)}
          data={[
            { value: '', label: t('join.trade.choose') },
            ...trades.map((one) => ({ value: one.code, label: nameIn(lang, one) })),
          ]}
        />
      )}
    </fieldset>
  )
}
