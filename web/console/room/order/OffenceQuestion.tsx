import { Button } from '@mantine/core'
import { useText } from '../../../ui/text.ts'
import classes from '../doctrine/Doctrine.module.css'

/** No offence, no alert: asked before anything leaves, when the room has no answer yet. Enter says yes. */
export function OffenceQuestion(props: { onYes: () => void; onNo: () => void }) {
  const { t } = useText()
  return (
    <div className={classes.question}>
      <b id="infraction-question">{t('doctrine.ask')}</b>
      <p>{t('doctrine.ask.why')}</p>
      <div className={classes.answers}>
        <Button variant="default" size="md" onClick={props.onNo}>
          {t('doctrine.ask.no')}
        </Button>
        <Button size="md" data-autofocus onClick={props.onYes} aria-describedby="infraction-question">
          {t('doctrine.ask.yes')}
        </Button>
      </div>
    </div>
  )
}
