import classes from './PhonePreview.module.css'

/** Shows a message as a member's phone will. */
export function PhonePreview(props: {
  label: string
  sender: string
  time: string
  text: string
  empty: string
}) {
  return (
    <figure className={classes.phone} aria-label={props.label}>
      <figcaption className={classes.sender}>
        {props.sender} · {props.time}
      </figcaption>
      <p className={classes.bubble} data-empty={props.text === '' || undefined}>
        {props.text === '' ? props.empty : props.text}
      </p>
    </figure>
  )
}
