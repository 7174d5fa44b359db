import { lazy, Suspense } from 'react'
import { instantOfField, toFieldValue } from '../../../../src/message/clock.ts'
import { serverNow } from '../../../api/clock.ts'
import { useText } from '../../../ui/format/text.ts'
import { WHEN_ID } from '../ids.ts'
import type { When } from '../text/draft.ts'
import { OneOf } from './Chips.tsx'
import classes from './Fields.module.css'

// For facts of another time than the shortcuts.
const DateField = lazy(() =>
  import('../../../ui/fields/days/DateField.tsx').then((module) => ({ default: module.DateField })),
)

const SHORTCUTS = [0, 10, 30]
const OTHER = 'other'

/** A field for the time of the facts, now by default. It uses the scheme's time zone, whatever the browser's. */
export function WhenField(props: {
  value: When
  timeZone: string
  called: number
  onChange: (when: When) => void
}) {
  const { t } = useText()
  const { value, timeZone } = props
  const at = value.kind === 'at' ? Date.parse(value.at) : props.called - value.minutes * 60_000
  return (
    <div>
      <div className={classes.label} id="quand">
        {t('room.when')}
        <span className={classes.aside}>{toFieldValue(at, timeZone).slice(11)}</span>
      </div>
      <div className={classes.when}>
        <OneOf
          labelledBy="quand"
          prefix="quand"
          value={value.kind === 'ago' ? String(value.minutes) : OTHER}
          choices={[
            ...SHORTCUTS.map((minutes) => ({
              value: String(minutes),
              label: minutes === 0 ? t('room.when.now') : t('room.when.ago', { minutes }),
            })),
            { value: OTHER, label: t('room.when.other') },
          ]}
          onPick={(picked) =>
            props.onChange(
              picked === OTHER
                ? { kind: 'at', at: new Date(at).toISOString() }
                : { kind: 'ago', minutes: Number(picked) },
            )
          }
        />
        {value.kind === 'at' && (
          <Suspense>
            <DateField
              kind="moment"
              alwaysSet
              id={WHEN_ID}
              aria-label={t('room.when.exact')}
              max={toFieldValue(serverNow(), timeZone)}
              value={toFieldValue(at, timeZone)}
              onUnreadable={() => value.kind === 'at' && props.onChange({ ...value, unread: true })}
              onChange={(value) => {
                const typed = instantOfField(value, timeZone)
                if (typed !== undefined) props.onChange({ kind: 'at', at: new Date(typed).toISOString() })
              }}
            />
          </Suspense>
        )}
      </div>
    </div>
  )
}
