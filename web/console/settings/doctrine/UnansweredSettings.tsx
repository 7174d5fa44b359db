import { Checkbox } from '@mantine/core'
import { useText } from '../../../ui/format/text.ts'
import { NumberField, Setting, Value } from '../Setting.tsx'
import classes from '../Settings.module.css'
import type { DoctrineDraft } from './useDoctrineDraft.ts'

const SEVERITIES = ['vital', 'alert', 'notice'] as const
export const UNANSWERED_PATHS = SEVERITIES.map((severity) => `unansweredMinutes.${severity}` as const)
/** Proposed when the limit is set for the first time. */
const PROPOSED = { vital: 5, alert: 15, notice: 60 }

/** After how many minutes without an answer the author may send, by severity; never by default. */
export function UnansweredSettings(props: { draft: DoctrineDraft }) {
  const { t } = useText()
  const { draft } = props
  return SEVERITIES.map((severity) => {
    const path = `unansweredMinutes.${severity}` as const
    const limit = draft.value(path)
    const name = t(`settings.unanswered.${severity}`)
    return (
      <Setting key={severity} name={name} what={t(`settings.unanswered.${severity}.what`)}>
        {(described) =>
          draft.mayChange ? (
            <div className={classes.budget}>
              <NumberField
                {...described}
                value={limit}
                unit={t('settings.unit.minutes')}
                disabled={limit === null}
                error={draft.problem(path)}
                onChange={(value) => draft.change(path, value)}
              />
              <Checkbox
                label={t('settings.unanswered.never')}
                aria-label={`${name} : ${t('settings.unanswered.never')}`}
                checked={limit === null}
                onChange={(event) =>
                  draft.change(path, event.currentTarget.checked ? null : PROPOSED[severity])
                }
              />
            </div>
          ) : (
            <Value>
              {limit === null ? t('settings.unanswered.never') : `${limit} ${t('settings.unit.minutes')}`}
            </Value>
          )
        }
      </Setting>
    )
  })
}
