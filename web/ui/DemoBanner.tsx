import classes from './DemoBanner.module.css'
import { useText } from './text.ts'

/** Always in sight where nothing real can leave. */
export function DemoBanner() {
  const { t } = useText()
  return (
    <p className={classes.banner}>
      <span>{t('shell.demo')}</span>
    </p>
  )
}
