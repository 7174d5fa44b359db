import { Title } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'
import classes from './Page.module.css'

let named = 'Tocsin'
const badges = new Map<string, number>()

function writeTitle(): void {
  const badge = [...badges.values()].reduce((sum, count) => sum + count, 0)
  document.title = badge > 0 ? `(${badge}) ${named}` : named
}

/** Shows the number of pending items of all kinds in the title of the tab; 0: none of this kind. */
export function badgeTitle(kind: string, count: number): void {
  badges.set(kind, count)
  writeTitle()
}

/** Sets the title of the tab. Call it once in each screen. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    named = title === '' ? 'Tocsin' : `${title} · Tocsin`
    writeTitle()
  }, [title])
}

/** A scrolling screen: its one heading, what is beside it, and its content. */
export function Page(props: {
  title: string
  /** Shown in place of the title, which the tab keeps. */
  heading?: ReactNode
  lead?: ReactNode
  aside?: ReactNode
  /** Whether its content fills the height of the screen, as a long list that scrolls by itself does; not on a phone. */
  fill?: boolean
  children: ReactNode
}) {
  usePageTitle(props.title)
  return (
    <div className={classes.page} data-fill={props.fill || undefined}>
      <div className={classes.head}>
        <div>
          <Title order={1} className={classes.title}>
            {props.heading ?? props.title}
          </Title>
          {props.lead !== undefined && <p className={classes.lead}>{props.lead}</p>}
        </div>
        {props.aside}
      </div>
      {props.children}
    </div>
  )
}
