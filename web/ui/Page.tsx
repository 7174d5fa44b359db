import { Title } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'
import classes from './Page.module.css'

let named = 'Tocsin'
let badge = 0

function writeTitle(): void {
  document.title = badge > 0 ? `(${badge}) ${named}` : named
}

/** Puts how many things wait before the title of the tab; 0: none. */
export function badgeTitle(count: number): void {
  badge = count
  writeTitle()
}

/** Names the tab. Called once a screen. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    named = title === '' ? 'Tocsin' : `${title} · Tocsin`
    writeTitle()
  }, [title])
}

/** A screen that scrolls: its one heading, what stands beside it, and what it holds. */
export function Page(props: { title: string; lead?: ReactNode; aside?: ReactNode; children: ReactNode }) {
  usePageTitle(props.title)
  return (
    <div className={classes.page}>
      <div className={classes.head}>
        <div>
          <Title order={1} className={classes.title}>
            {props.title}
          </Title>
          {props.lead !== undefined && <p className={classes.lead}>{props.lead}</p>}
        </div>
        {props.aside}
      </div>
      {props.children}
    </div>
  )
}
