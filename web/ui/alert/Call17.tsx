import { Fragment } from 'react'
import classes from './Call17.module.css'

/** Matches the words to call 17, in French and in English, and French numbers: « appelez le 17 », "call 17", 04 73 00 00 00. */
const CALLS = /(appelez le 17|call 17|\b0[1-9](?:[\s.]?\d{2}){4}\b)/i

/** Splits a text into parts; those that say to call 17, and numbers, are at odd indexes. */
export function splitCalls(text: string): string[] {
  return text.split(CALLS)
}

/** Shows a text in which the words to call 17, and numbers, are links that call them, on devices that can. */
export function Calls17(props: { text: string }) {
  return splitCalls(props.text).map((part, index) =>
    index % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text, in its order
      <a key={index} href={`tel:${part.replace(/\D/g, '')}`} className={classes.call}>
        {part}
      </a>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text, in its order
      <Fragment key={index}>{part}</Fragment>
    ),
  )
}
