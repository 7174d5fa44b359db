import type { ReactNode } from 'react'
import classes from './StateTag.module.css'

export type Tone = 'neutral' | 'live' | 'open' | 'done' | 'good' | 'warn' | 'bad'

/** Shows a state in one or two words. */
export function StateTag(props: { tone: Tone; children: ReactNode }) {
  return (
    <span className={classes.tag} data-tone={props.tone}>
      {props.children}
    </span>
  )
}
