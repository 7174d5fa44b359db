import { Fragment } from 'react'
import classes from './Call17.module.css'

/** The words that tell to call 17, in French and in English: « appelez le 17 », "call 17". */
const CALLS = /(appelez le 17|call 17)/i

/** A text as parts; those that tell to call 17 are at odd places. */
export function splitCalls(text: string): string[] {
  return text.split(CALLS)
}

/** A text in which what tells to call 17 calls it, where a device can. */
export function Calls17(props: { text: string }) {
  return splitCalls(props.text).map((part, index) =>
    index % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text, in its order
      <a key={index} href="tel:17" className={classes.call}>
        {part}
      </a>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text, in its order
      <Fragment key={index}>{part}</Fragment>
    ),
  )
}
