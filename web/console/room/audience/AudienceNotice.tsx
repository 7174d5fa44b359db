import { Button } from '@mantine/core'
import { countOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import classes from '../order/ConfirmSheet.module.css'
import type { Look } from './seen.ts'

/**
 * Says that the area now resolves to other communes than when the sheet was opened: the new figures must be confirmed
 * before it can be sent.
 */
export function AudienceNotice(props: { look: Look; onLook: () => void }) {
  const { t, lang } = useText()
  const { look } = props
  const { seen, now } = look
  if (seen === undefined || now === undefined) return null
  if (!look.isOther) {
    if (seen.members === now.members) return null
    const counts = { before: countOf(lang, seen.members), after: countOf(lang, now.members) }
    return (
      <p className={classes.note} role="status">
        {t('confirm.audience.count', counts)}
      </p>
    )
  }
  return (
    <div className={classes.changed} role="alert">
      <p>
        <b>
          {t('confirm.audience.changed', {
            before: countOf(lang, seen.members),
            after: countOf(lang, now.members),
          })}
        </b>{' '}
        {t('confirm.audience.why')}
      </p>
      <Button
        size="md"
        variant="default"
        onClick={() => {
          look.again()
          props.onLook()
        }}
      >
        {t('confirm.audience.look')}
      </Button>
    </div>
  )
}
