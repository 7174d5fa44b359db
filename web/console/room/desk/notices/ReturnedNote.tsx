import { Button } from '@mantine/core'
import IconBan from '@tabler/icons-react/icons/IconBan'
import IconCornerDownLeft from '@tabler/icons-react/icons/IconCornerDownLeft'
import { useQueryClient } from '@tanstack/react-query'
import { memo } from 'react'
import type { ReportView } from '../../../../../src/reports/contract.ts'
import { alertQuery } from '../../../../api/queries.ts'
import { whenOf } from '../../../../ui/format/format.ts'
import { useMinute } from '../../../../ui/format/now.ts'
import { useText } from '../../../../ui/format/text.ts'
import classes from '../../doctrine/Doctrine.module.css'
import { contentOfAlert, type Draft } from '../../text/draft.ts'
import { MESSAGE_ID } from '../../text/MessageField.tsx'

/** Shows why the approver returned it, and so what to correct. */
export const ReturnedNote = memo(function ReturnedNote(props: { returned: Draft['returned'] }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { returned } = props
  if (returned === null) return null
  return (
    <section className={classes.returned} aria-label={t('returned.title')}>
      <IconCornerDownLeft size={20} aria-hidden className={classes.returnedIcon} />
      <div>
        <b>{t('returned.by', { who: returned.by ?? '', when: whenOf(lang, returned.at, now) })}</b>
        <blockquote>{t('text.quote', { text: returned.reason })}</blockquote>
      </div>
    </section>
  )
})

/** Shows the alerts of this report that were rejected, and why; their text can be used again, to be changed. */
export const RejectedNote = memo(function RejectedNote(props: {
  schemeId: string
  rejection: ReportView['rejection']
  /** Whether the message has exactly the rejected text. */
  same: boolean
  change: (patch: Partial<Draft>) => void
}) {
  const { t, lang } = useText()
  const now = useMinute()
  const client = useQueryClient()
  const { schemeId, rejection, same, change } = props
  if (rejection === null) return null
  /** Starts a new alert with the text and the audience of the rejected one. */
  const retake = async () => {
    const page = await client.fetchQuery(alertQuery(schemeId, rejection.alertId)).catch(() => undefined)
    change(page === undefined ? { text: rejection.text } : contentOfAlert(page.alert))
    document.getElementById(MESSAGE_ID)?.focus()
  }
  return (
    <section className={classes.rejected} aria-label={t('rejected.title')}>
      <IconBan size={20} aria-hidden className={classes.rejectedIcon} />
      <div>
        <b>
          {t('rejected.by', {
            reference: rejection.reference,
            who: rejection.by,
            when: whenOf(lang, rejection.at, now),
          })}
        </b>
        <blockquote>{t('text.quote', { text: rejection.reason })}</blockquote>
        <div role="status">{same && <p className={classes.same}>{t('rejected.same')}</p>}</div>
        {!same && (
          <div className={classes.retake}>
            <p>{t('rejected.text', { text: rejection.text })}</p>
            <Button variant="default" size="xs" onClick={() => void retake()}>
              {t('rejected.retake')}
            </Button>
          </div>
        )}
      </div>
    </section>
  )
})
