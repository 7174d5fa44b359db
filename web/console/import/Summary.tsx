import { Button, Checkbox, Loader } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import type { UploadView } from '../../../src/imports/uploads/contract.ts'
import { callApi } from '../../api/client.ts'
import { isRefusal } from '../../api/problems.ts'
import { useAction } from '../../api/useAction.ts'
import { countOf } from '../../ui/format/format.ts'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import { membersChanged } from '../members/queries.ts'
import { useCurrent } from '../shell/current.tsx'
import classes from './Import.module.css'
import { type PaymentChoice, Payments } from './Payments.tsx'
import { uploadQuery, uploadsQuery } from './queries.ts'
import type { Check } from './useCheck.ts'

/** Maximum number of members listed by name. */
const NAMED = 10

/** Shows what the import would change with the current list, and its button. */
export function Summary(props: { upload: UploadView; check: Check }) {
  const { t } = useText()
  const { upload, check } = props
  const { report } = upload
  const { created = 0, updated = 0, unchanged = 0, leaving = 0 } = report ?? {}
  const { undecided = 0, skipped = 0, paid } = report ?? {}
  // The user confirms a number of changes, so another number must be confirmed again.
  const [agreed, agree] = useState(0)
  const [chosen, setPayments] = useState<PaymentChoice>(null)
  // Once a later check counts for another year, the user must agree to that one.
  const payments = chosen?.year === paid?.year ? chosen : null
  // Nothing is left to record of a list that was corrected since.
  const isPaying = payments !== null && (paid?.due ?? 0) > 0
  const apply = useApply(upload.id, {
    leaving,
    payments: isPaying ? payments : null,
    onChanged: () => {
      agree(0)
      check.now()
    },
  })
  useFirstCheck(report, check)
  const isChecking = report === null || check.isPending
  const isEmpty = created + updated + unchanged === 0
  return (
    <section className={classes.step} aria-labelledby="import-summary" aria-busy={isChecking}>
      <div className={classes.stepHead}>
        <h2 id="import-summary" className={classes.title}>
          {t('import.summary')}
        </h2>
        <span className={classes.mute} role="status">
          {isChecking && !check.isError && (
            <>
              <Loader size={14} aria-hidden /> {t('import.checking')}
            </>
          )}
        </span>
      </div>
      {check.isError && <Failure error={check.error} retry={check.now} />}
      <Figures report={report} />
      {report !== null && leaving > 0 && <Leaving report={report} agreed={agreed} onAgree={agree} />}
      {paid !== undefined && (
        <Payments
          paid={paid}
          choice={payments}
          onChoice={(choice) => {
            setPayments(choice)
            if (apply.isError) apply.reset()
          }}
          problemAt={apply.problemAt}
        />
      )}
      {report !== null && report.warningCount > 0 && <Warnings report={report} />}
      <Failure error={apply.failure} />
      <div className={classes.actions}>
        <Button
          loading={apply.isPending}
          disabled={isChecking || isEmpty || (leaving > 0 && agreed !== leaving)}
          onClick={() => apply.mutate(skipped > 0)}
        >
          {t(undecided > 0 ? 'import.apply.waiting' : 'import.apply', { skipped })}
        </Button>
        <span className={classes.mute}>{t('import.apply.hint')}</span>
      </div>
    </section>
  )
}

type Report = NonNullable<UploadView['report']>

/** Checks a list that was started in another window and not checked since. */
function useFirstCheck(report: Report | null, check: Check): void {
  const asked = useRef(false)
  useEffect(() => {
    if (report !== null || asked.current || check.isPending) return
    asked.current = true
    check.soon()
  }, [report, check])
}

/** Applies a list; `onChanged` is called when the list or the members have changed, so that the effects are computed again. */
function useApply(id: string, of: { leaving: number; payments: PaymentChoice; onChanged: () => void }) {
  const { scheme } = useCurrent()
  const { leaving, payments } = of
  const { queryKey } = uploadQuery(scheme.id, id)
  return useAction(
    (skipBad: boolean) =>
      callApi('applyUpload', {
        params: { scheme: scheme.id, id },
        body: { skipBad, leaving, ...(payments !== null && { payments }) },
      }),
    {
      fields: ['payments.receivedOn'],
      stores: queryKey,
      refresh: [
        uploadsQuery(scheme.id).queryKey,
        ['upload-rows', scheme.id, id],
        ...membersChanged(scheme.id),
        ...(payments !== null ? [['dues', scheme.id]] : []),
      ],
      onSuccess: (fresh) => {
        if (fresh.appliedAt !== null) document.getElementById('contenu')?.focus({ preventScroll: true })
      },
      onError: (error) => {
        if (isRefusal(error, 'import_changed', 'import_leaving')) of.onChanged()
      },
      refreshAfterFailure: (error) =>
        isRefusal(error, 'import_applied', 'import_running') ? [queryKey] : [],
    },
  )
}

/** Lists what the user should know of rows that are imported all the same. */
function Warnings({ report }: { report: Report }) {
  const { t } = useText()
  return (
    <details className={classes.warnings}>
      <summary>{t('import.warnings', { count: report.warningCount })}</summary>
      <ul>
        {report.warnings.map(({ line, column, code, message, hint }) => (
          <li key={`${line} ${column} ${code}`}>
            {code !== 'import.other_sheets' &&
              t('import.warning', { line, column: column ?? '', of: column === null ? 'row' : 'cell' })}{' '}
            {message} <span className={classes.mute}>{hint}</span>
          </li>
        ))}
      </ul>
    </details>
  )
}

/** Counts the members that the import adds, changes and leaves as they are, and the rows that it skips. */
function Figures({ report }: { report: Report | null }) {
  const { t, lang } = useText()
  const { leaving = 0, undecided = 0 } = report ?? {}
  const figures = [
    ...(['created', 'updated', 'unchanged'] as const).map((name) => ({ name, count: report?.[name] })),
    ...(leaving > 0 ? [{ name: 'leaving' as const, count: leaving }] : []),
    ...(undecided > 0 ? [{ name: 'undecided' as const, count: undecided }] : []),
    { name: 'skipped' as const, count: report === null ? undefined : report.skipped - undecided },
  ]
  return (
    <dl className={classes.figures}>
      {figures.map(({ name, count }) => (
        <div
          key={name}
          data-bad={
            (name !== 'created' && name !== 'updated' && name !== 'unchanged' && (count ?? 0) > 0) ||
            undefined
          }
        >
          <dt>{t(`import.figure.${name}`)}</dt>
          <dd>{count === undefined ? '…' : countOf(lang, count)}</dd>
        </div>
      ))}
    </dl>
  )
}

/** Names the members that leave by the import, whose number the user confirms. */
function Leaving(props: { report: Report; agreed: number; onAgree: (count: number) => void }) {
  const { t } = useText()
  const { leaving, warnings } = props.report
  const gone = warnings.filter(({ code }) => code.startsWith('import.leaving_'))
  return (
    <section className={classes.leaving} aria-label={t('import.figure.leaving')}>
      <p>
        <b>{t('import.leaving', { count: leaving })}</b>
      </p>
      <ul>
        {gone.slice(0, NAMED).map(({ line, message }) => (
          <li key={line}>{message}</li>
        ))}
        {leaving > NAMED && <li>{t('import.leaving.more', { count: leaving - NAMED })}</li>}
      </ul>
      <p>{t('import.leaving.notified')}</p>
      <Checkbox
        label={t('import.leaving.confirm', { count: leaving })}
        checked={props.agreed === leaving}
        onChange={(event) => props.onAgree(event.currentTarget.checked ? leaving : 0)}
      />
    </section>
  )
}
