import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { MergeView } from '../../../src/changes/merge/contract.ts'
import { callApi } from '../../api/client.ts'
import { sinceOf, whenOf } from '../../ui/format.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useNow } from '../../ui/now.ts'
import { useText } from '../../ui/text.ts'
import { toast } from '../../ui/toast.ts'
import { useCurrent } from '../shell/current.tsx'
import classes from './Doubles.module.css'
import { refreshMembers } from './queries.ts'

/** Lists the merges of the last day, each of which can be undone. */
export function RecentMerges(props: { merges: readonly MergeView[] }) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const client = useQueryClient()
  const undo = useMutation({
    mutationFn: (id: string) => callApi('undoMerge', { params: { scheme: scheme.id, id } }),
    onSuccess: () => void toast(t('doubles.undone')),
    onSettled: () => refreshMembers(client),
  })
  if (props.merges.length === 0) return null
  return (
    <section aria-labelledby="recent-merges">
      <h2 id="recent-merges" className={classes.sub}>
        {t('doubles.recent')}
      </h2>
      {undo.isError && <Failure error={undo.error} />}
      <ul className={classes.recent}>
        {props.merges.map((merge) => (
          <Recent key={merge.id} merge={merge} isBusy={undo.isPending} onUndo={() => undo.mutate(merge.id)} />
        ))}
      </ul>
    </section>
  )
}

function Recent(props: { merge: MergeView; isBusy: boolean; onUndo: () => void }) {
  const { t, lang } = useText()
  const now = useNow()
  const { merge } = props
  const names = { merged: merge.merged.name, kept: merge.kept.name }
  return (
    <li>
      <span>
        {t('doubles.recent.one', { ...names, when: whenOf(lang, merge.at, now) })}
        <small>
          {merge.undoUntil === null
            ? t('doubles.recent.later')
            : t('doubles.recent.until', { until: sinceOf(lang, merge.undoUntil, now) })}
        </small>
      </span>
      {merge.undoUntil !== null && (
        <Button
          variant="default"
          disabled={props.isBusy}
          aria-label={t('doubles.undo.one', names)}
          onClick={props.onUndo}
        >
          {t('doubles.undo')}
        </Button>
      )}
    </li>
  )
}
