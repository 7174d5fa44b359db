import { Switch } from '@mantine/core'
import { useText } from '../../../ui/text.ts'
import classes from './Fields.module.css'

/** An exercise is one from the call on: once the report is recorded it stays one. */
export function ExerciseSwitch(props: { on: boolean; onChange: (on: boolean) => void }) {
  const { t } = useText()
  return (
    <Switch
      className={classes.exercise ?? ''}
      size="xs"
      label={t('room.exercise')}
      checked={props.on}
      onChange={(event) => props.onChange(event.currentTarget.checked)}
    />
  )
}
