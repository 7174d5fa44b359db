import { Button } from '@mantine/core'
import { useText } from '../../../ui/format/text.ts'
import classes from '../doctrine/Doctrine.module.css'

/**
 * Asks whether there is an offence, without which no alert may be sent, if it was not answered before. Enter means yes.
 */
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
