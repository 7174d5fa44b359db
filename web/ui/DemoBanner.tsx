import classes from './DemoBanner.module.css'
import { useText } from './text.ts'

/** Always visible where no real message can be sent. */
export function DemoBanner() {
  const { t } = useText()
  return (
    <p className={classes.banner}>
      <span>{t('shell.demo')}</span>
    </p>
  )
}
