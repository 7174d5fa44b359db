import { Button } from '@mantine/core'
import classes from './Undoable.module.css'

/** A passing message with a button to undo what it reports. */
export function Undoable(props: { message: string; label: string; onUndo: () => void }) {
  return (
    <div className={classes.row}>
      <span>{props.message}</span>
      <Button variant="light" size="compact-sm" className={classes.undo ?? ''} onClick={props.onUndo}>
        {props.label}
      </Button>
    </div>
  )
}
