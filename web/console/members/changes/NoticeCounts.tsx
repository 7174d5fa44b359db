import type { ChangeView } from '../../../../src/changes/contract.ts'
import { useText } from '../../../ui/format/text.ts'
import classes from '../Members.module.css'

/** Shows how many members were notified of a change, and how many could not be. */
export function NoticeCounts(props: { notified: NonNullable<ChangeView['notified']> }) {
  const { t } = useText()
  const { notified, waiting, unnotified, withdrawn } = props.notified
  const parts = [
    ...(notified > 0 ? [t('changes.notified', { notified })] : []),
    ...(waiting > 0 ? [t('changes.notified.waiting', { count: waiting })] : []),
    ...(withdrawn > 0 ? [t('changes.notified.withdrawn', { count: withdrawn })] : []),
  ]
  return (
    <>
      {parts.length > 0 && <span className={classes.mute}>{parts.join(' · ')}</span>}
      {unnotified > 0 && (
        <span className={classes.warn}>{t('changes.notified.unnotified', { count: unnotified })}</span>
      )}
    </>
  )
}
