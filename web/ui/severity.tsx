import classes from './severity.module.css'
import { labelOf, useText } from './text.ts'

interface Category {
  labelFr: string
  labelEn: string
  severity: string
}

/** A category by its name, after the mark of how serious it is. */
export function CategoryName(props: { category: Category }) {
  const { lang } = useText()
  return (
    <span className={classes.name}>
      <SeverityMark severity={props.category.severity} />
      {labelOf(lang, props.category)}
    </span>
  )
}

/** Colour alone never says it: the shape changes too (bar for the most serious, dot otherwise). */
export function SeverityMark(props: { severity: string }) {
  return <span className={classes.mark} data-severity={props.severity} aria-hidden />
}
