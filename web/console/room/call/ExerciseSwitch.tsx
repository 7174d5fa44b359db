import { Switch } from '@mantine/core'
import { useText } from '../../../ui/format/text.ts'
import classes from './Fields.module.css'

/** Marks the call as an exercise; once the report is recorded, this cannot be changed. */
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
