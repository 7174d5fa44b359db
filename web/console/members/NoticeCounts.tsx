import type { ChangeView } from '../../../src/changes/contract.ts'
import { useText } from '../../ui/text.ts'
import classes from './Members.module.css'

/** Shows who was notified of a change, and who could not be. */
export function NoticeCounts(props: { told: NonNullable<ChangeView['told']> }) {
  const { t } = useText()
  const { told, waiting, untold, withdrawn } = props.told
  const parts = [
    ...(told > 0 ? [t('changes.told', { told })] : []),
    ...(waiting > 0 ? [t('changes.told.waiting', { count: waiting })] : []),
    ...(withdrawn > 0 ? [t('changes.told.withdrawn', { count: withdrawn })] : []),
  ]
  return (
    <>
      {parts.length > 0 && <span className={classes.mute}>{parts.join(' · ')}</span>}
      {untold > 0 && <span className={classes.warn}>{t('changes.told.untold', { count: untold })}</span>}
    </>
  )
}
