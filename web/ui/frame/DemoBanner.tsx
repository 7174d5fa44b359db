import type { ReactNode } from 'react'
import { useText } from '../format/text.ts'
import classes from './DemoBanner.module.css'

/**
 * Always visible where no real message can be sent.
 * @param props.children links to what the demo shows beside the product
 */
export function DemoBanner(props: { children?: ReactNode }) {
  const { t } = useText()
  return (
    <div className={classes.banner} data-links={props.children !== undefined || undefined}>
      <p className={classes.long}>{t('shell.demo')}</p>
      {props.children !== undefined && <p className={classes.short}>{t('shell.demo.short')}</p>}
      {props.children}
    </div>
  )
}
