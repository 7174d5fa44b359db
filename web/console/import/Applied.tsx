import { Button } from '@mantine/core'
import IconCircleCheck from '@tabler/icons-react/icons/IconCircleCheck'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { UndoResult } from '../../../src/changes/contract.ts'
import type { UploadView } from '../../../src/imports/uploads/contract.ts'
import { countOf, moneyOf, untilOf } from '../../ui/format/format.ts'
import { useMinute } from '../../ui/format/now.ts'
import { useText } from '../../ui/format/text.ts'
import { Empty } from '../../ui/Notice.tsx'
import { NoticeCounts } from '../members/changes/NoticeCounts.tsx'
import { UNDOING_EVERY_MS, Undoing } from '../members/changes/Undoing.tsx'
import { useUndo } from '../members/changes/useUndo.ts'
import { useCurrent } from '../shell/current.tsx'
import classes from './Import.module.css'
import { uploadQuery } from './queries.ts'
import { Welcome } from './Welcome.tsx'

/** Shows what an import changed, and lets it be undone. */
export function Applied(props: { upload: UploadView }) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const client = useQueryClient()
  const now = useMinute()
  const { upload } = props
  const { report, change } = upload
  const [kept, setKept] = useState<UndoResult['kept']>([])
  const undo = useUndo(scheme.id, (result) => {
    setKept(result.kept)
    client.setQueryData(uploadQuery(scheme.id, upload.id).queryKey, { ...upload, change: result.change })
  })
  const isUndoing = undo.isPending || change?.undoing != null
  // The page is refetched while any user undoes the import.
  useQuery({
    ...uploadQuery(scheme.id, upload.id),
    enabled: isUndoing,
    refetchInterval: isUndoing ? UNDOING_EVERY_MS : false,
  })
  const undone = change?.undone ?? null
  const written = report?.paid?.written ?? null
  return (
    <Empty
      icon={<IconCircleCheck size={36} stroke={1.4} aria-hidden />}
      title={
        undone === null
          ? t('import.applied', {
              created: report?.created ?? 0,
              updated: report?.updated ?? 0,
              skipped: report?.skipped ?? 0,
            })
          : t('changes.undone', undone)
      }
    >
      {change === null && <p>{t('import.applied.nothing')}</p>}
      {written !== null && undone === null && (
        <p>
          {t('import.applied.payments', {
            count: written.payments,
            shown: countOf(lang, written.payments),
            amount: moneyOf(lang, written.amountCents),
          })}
        </p>
      )}
      {change?.undoing != null && <Undoing {...change.undoing} />}
      {change?.notified != null && (
        <p>
          <NoticeCounts notified={change.notified} />
        </p>
      )}
      {kept.length > 0 && (
        <ul className={classes.kept} aria-label={t('changes.kept')}>
          {kept.map((member) => (
            <li key={member.id}>
              {member.name} : {t(`changes.kept.${member.why}`)}
            </li>
          ))}
        </ul>
      )}
      {change !== null && change.created > 0 && undone === null && change.undoing === null && (
        <Welcome
          changeId={change.id}
          onPlanned={(fresh) =>
            client.setQueryData(uploadQuery(scheme.id, upload.id).queryKey, { ...upload, change: fresh })
          }
        />
      )}
      <div className={classes.actions} data-centred>
        <Button component={Link} to="/adherents">
          {t('import.toMembers')}
        </Button>
        {change?.undoableUntil != null && (
          <Button variant="default" loading={undo.isPending} onClick={() => undo.mutate(change.id)}>
            {t('import.undo')}
          </Button>
        )}
        <Button component={Link} to="/importer" variant="default">
          {t('import.again')}
        </Button>
      </div>
      {change?.undoableUntil != null && (
        <p>{t('import.until', { until: untilOf(lang, change.undoableUntil, now) })}</p>
      )}
    </Empty>
  )
}
