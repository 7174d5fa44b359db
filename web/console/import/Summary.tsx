import { Button, Loader } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import type { UploadView } from '../../../src/members/uploads/contract.ts'
import { inScheme, post } from '../../api/client.ts'
import { countOf } from '../../ui/format.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useText } from '../../ui/text.ts'
import { membersChanged } from '../members/queries.ts'
import { useCurrent } from '../shell/current.tsx'
import classes from './Import.module.css'
import { uploadQuery, uploadsQuery } from './queries.ts'
import type { Check } from './useCheck.ts'

/** What the import would do as the list stands, and its button. */
export function Summary(props: { upload: UploadView; check: Check }) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const client = useQueryClient()
  const { upload, check } = props
  const { report } = upload
  const apply = useMutation({
    mutationFn: (skipBad: boolean) =>
      post<UploadView>(inScheme(scheme.id, `/member-imports/${upload.id}/apply`), { skipBad }),
    onSuccess: (fresh) => {
      client.setQueryData(uploadQuery(scheme.id, upload.id).queryKey, fresh)
      void client.invalidateQueries({ queryKey: uploadsQuery(scheme.id).queryKey })
      void client.invalidateQueries({ queryKey: ['upload-rows', scheme.id, upload.id] })
      for (const queryKey of membersChanged(scheme.id)) void client.invalidateQueries({ queryKey })
      if (fresh.appliedAt !== null) document.getElementById('contenu')?.focus({ preventScroll: true })
    },
  })
  // What was begun in another window, and not checked since.
  const asked = useRef(false)
  useEffect(() => {
    if (report !== null || asked.current || check.isPending) return
    asked.current = true
    check.soon()
  }, [report, check])
  const isChecking = report === null || check.isPending
  const writes = report === null ? 0 : report.created + report.updated
  const figures = (['created', 'updated', 'unchanged', 'skipped'] as const).map((name) => ({
    name,
    count: report?.[name],
  }))
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
      <dl className={classes.figures}>
        {figures.map(({ name, count }) => (
          <div key={name} data-bad={(name === 'skipped' && (count ?? 0) > 0) || undefined}>
            <dt>{t(`import.figure.${name}`)}</dt>
            <dd>{count === undefined ? '…' : countOf(lang, count)}</dd>
          </div>
        ))}
      </dl>
      {report !== null && report.warningCount > 0 && (
        <details className={classes.warnings}>
          <summary>{t('import.warnings', { count: report.warningCount })}</summary>
          <ul>
            {report.warnings.map(({ line, column, code, message, hint }) => (
              <li key={`${line} ${column} ${code}`}>
                {t('import.warning', { line, column: column ?? '' })} {message}{' '}
                <span className={classes.mute}>{hint}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
      {apply.isError && <Failure error={apply.error} />}
      <div className={classes.actions}>
        <Button
          loading={apply.isPending}
          disabled={isChecking || writes + (report?.unchanged ?? 0) === 0}
          onClick={() => apply.mutate((report?.skipped ?? 0) > 0)}
        >
          {t('import.apply', { count: writes, skipped: report?.skipped ?? 0 })}
        </Button>
        <span className={classes.mute}>{t('import.apply.hint')}</span>
      </div>
    </section>
  )
}
