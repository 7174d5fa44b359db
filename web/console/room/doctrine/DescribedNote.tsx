import { Button } from '@mantine/core'
import IconFingerprint from '@tabler/icons-react/icons/IconFingerprint'
import { useText } from '../../../ui/format/text.ts'
import classes from './Doctrine.module.css'

/** Says that the facts describe a person or a vehicle, what that requires, and how to send the text without it. */
export function DescribedNote(props: {
  words: string
  authorised: boolean
  needsApproval: boolean
  onRemove: () => void
  onAuthorise: () => void
}) {
  const { t } = useText()
  return (
    <div className={classes.described} role="status">
      <IconFingerprint size={18} aria-hidden className={classes.headIcon ?? ''} />
      <p>
        {t('doctrine.described', { words: props.words })}{' '}
        {!props.authorised &&
          t(props.needsApproval ? 'doctrine.described.submit' : 'doctrine.described.alone')}
      </p>
      <div className={classes.describedActions}>
        {!props.authorised && (
          <Button size="compact-sm" variant="light" aria-keyshortcuts="Alt+F" onClick={props.onAuthorise}>
            {t('doctrine.described.authorise')} <kbd aria-hidden>{t('key.altF')}</kbd>
          </Button>
        )}
        <Button size="compact-sm" variant="subtle" aria-keyshortcuts="Alt+R" onClick={props.onRemove}>
          {t('doctrine.described.remove')} <kbd aria-hidden>{t('key.altR')}</kbd>
        </Button>
      </div>
    </div>
  )
}
