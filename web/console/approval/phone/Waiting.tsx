import { Loader } from '@mantine/core'
import { useText } from '../../../ui/format/text.ts'
import classes from './ApproverPage.module.css'

/** Says that the page is being read. */
export function Waiting() {
  const { t } = useText()
  return (
    <div className={classes.waiting} role="status" aria-label={t('shell.loading')}>
      <Loader />
    </div>
  )
}
