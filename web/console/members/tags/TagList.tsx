import classes from '../Members.module.css'
import { useTags } from './tags.ts'

/** The tags of a member, by name. */
export function TagList(props: { ids: readonly string[] }) {
  const names = useTags().filter(({ id }) => props.ids.includes(id))
  if (names.length === 0) return null
  return (
    <span className={classes.tags}>
      {names.map(({ id, name }) => (
        <span key={id} className={classes.tag}>
          {name}
        </span>
      ))}
    </span>
  )
}
