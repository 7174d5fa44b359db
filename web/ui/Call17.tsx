import { Fragment } from 'react'
import classes from './Call17.module.css'

/** Matches the words to call 17, in French and in English: « appelez le 17 », "call 17". */
const CALLS = /(appelez le 17|call 17)/i

/** Splits a text into parts; those that say to call 17 are at odd indexes. */
export function splitCalls(text: string): string[] {
  return text.split(CALLS)
}

/** Shows a text whose words to call 17 are a link that calls it, on devices that can. */
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
