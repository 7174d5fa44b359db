import { useText } from '../../../ui/format/text.ts'
import classes from '../Members.module.css'

/** Time between two requests for the progress of an undo. */
export const UNDOING_EVERY_MS = 2000

/** Shows the progress of undoing a change. */
export function Undoing({ done, total }: { done: number; total: number }) {
  const { t } = useText()
  const text = t('changes.undoing', { done, total })
  return (
    <div className={classes.undoing}>
      <span role="status">{text}</span>
      <progress value={done} max={Math.max(1, total)} aria-label={text} />
    </div>
  )
}
