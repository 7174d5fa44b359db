import { timeOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import classes from '../desk/Desk.module.css'
import type { Saved } from './autosave.ts'

/** Shows whether the entered data is saved, and where. */
export function SaveState(props: { saved: Saved }) {
  const { t, lang } = useText()
  const { saved } = props
  if (saved.kind === 'none') return null
  return (
    <span className={classes.saved} data-kept={saved.kind === 'kept' || undefined}>
      {saved.kind === 'saved' ? t('saved.at', { time: timeOf(lang, saved.at) }) : t(`saved.${saved.kind}`)}
    </span>
  )
}
