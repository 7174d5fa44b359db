import classes from './Exercise.module.css'
import { useText } from './text.ts'

/** In sight for as long as what is shown is an exercise. */
export function ExerciseBanner() {
  const { t } = useText()
  return (
    <p className={classes.banner} role="note">
      <span>{t('exercise.banner')}</span>
    </p>
  )
}

/** Tells an exercise from the real ones in a list. */
export function ExerciseTag() {
  const { t } = useText()
  return <span className={classes.tag}>{t('exercise.tag')}</span>
}
