import { Button } from '@mantine/core'
import type { MergeView } from '../../../src/changes/merge/contract.ts'
import { callApi } from '../../api/client.ts'
import { useAction } from '../../api/useAction.ts'
import { sinceOf, whenOf } from '../../ui/format/format.ts'
import { useMinute } from '../../ui/format/now.ts'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useCurrent } from '../shell/current.tsx'
import classes from './Doubles.module.css'
import { memberQueries } from './queries.ts'

/** Lists the merges of the last day, each of which can be undone. */
export function RecentMerges(props: { merges: readonly MergeView[] }) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const undo = useAction((id: string) => callApi('undoMerge', { params: { scheme: scheme.id, id } }), {
    success: t('doubles.undone'),
    refresh: memberQueries,
    refreshAfterFailure: memberQueries,
  })
  if (props.merges.length === 0) return null
  return (
    <section aria-labelledby="recent-merges">
      <h2 id="recent-merges" className={classes.sub}>
        {t('doubles.recent')}
      </h2>
      <Failure error={undo.failure} />
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
  const now = useMinute()
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
