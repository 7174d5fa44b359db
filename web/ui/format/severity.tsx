import classes from './severity.module.css'
import { labelOf, useText } from './text.ts'

interface Category {
  labelFr: string
  labelEn: string
  severity: string
}

/** Shows the name of a category after a mark of its severity. */
export function CategoryName(props: { category: Category }) {
  const { lang } = useText()
  return (
    <span className={classes.name}>
      <SeverityMark severity={props.category.severity} />
      {labelOf(lang, props.category)}
    </span>
  )
}

/** The shape differs as well as the colour (a bar for the most serious, otherwise a dot). */
export function SeverityMark(props: { severity: string }) {
  return <span className={classes.mark} data-severity={props.severity} aria-hidden />
}
