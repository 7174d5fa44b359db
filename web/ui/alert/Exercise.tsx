import { useText } from '../format/text.ts'
import classes from './Exercise.module.css'

/** A banner shown with everything that belongs to an exercise. */
export function ExerciseBanner() {
  const { t } = useText()
  return (
    <p className={classes.banner} role="note">
      <span>{t('exercise.banner')}</span>
    </p>
  )
}

/** Marks an exercise in a list. */
export function ExerciseTag() {
  const { t } = useText()
  return <span className={classes.tag}>{t('exercise.tag')}</span>
}
