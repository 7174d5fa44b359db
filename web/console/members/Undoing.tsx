import { Progress } from '@mantine/core'
import { useText } from '../../ui/text.ts'

/** How often it is asked how far an undoing is. */
export const UNDOING_EVERY_MS = 2000

/** How far the undoing of a change is. */
export function Undoing({ done, total }: { done: number; total: number }) {
  const { t } = useText()
  const text = t('changes.undoing', { done, total })
  return (
    <div>
      <span role="status">{text}</span>
      <Progress value={total === 0 ? 0 : (100 * done) / total} aria-label={text} mt={6} />
    </div>
  )
}
