import { Button } from '@mantine/core'
import classes from './WithButton.module.css'

/** A passing message with a button. */
export function WithButton(props: { message: string; label: string; onClick: () => void }) {
  return (
    <div className={classes.row}>
      <span>{props.message}</span>
      <Button variant="light" size="compact-sm" className={classes.button ?? ''} onClick={props.onClick}>
        {props.label}
      </Button>
    </div>
  )
}
