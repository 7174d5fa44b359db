import { TextInput } from '@mantine/core'
import { serverNow } from '../../api/clock.ts'
import { timeOf } from '../../ui/format.ts'
import { useNow } from '../../ui/now.ts'
import { useText } from '../../ui/text.ts'
import { OneOf } from './Chips.tsx'
import type { When } from './draft.ts'
import classes from './Fields.module.css'

const SHORTCUTS = [0, 10, 30]
const OTHER = 'other'

/** Local date and time as the browser's field writes them: 2026-03-12T22:14. */
function fieldValue(at: number): string {
  const date = new Date(at)
  return new Date(at - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

/** When it happened: now by default. */
export function WhenField(props: { value: When; called: number; onChange: (when: When) => void }) {
  const { t, lang } = useText()
  useNow()
  const { value } = props
  const at = value.kind === 'at' ? Date.parse(value.at) : props.called - value.minutes * 60_000
  return (
    <div>
      <div className={classes.label} id="quand">
        {t('room.when')}
        <span className={classes.aside}>{timeOf(lang, at)}</span>
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
          <TextInput
            type="datetime-local"
            aria-label={t('room.when.exact')}
            max={fieldValue(serverNow())}
            value={fieldValue(at)}
            onChange={(event) => {
              const typed = new Date(event.currentTarget.value)
              if (!Number.isNaN(typed.getTime())) props.onChange({ kind: 'at', at: typed.toISOString() })
            }}
          />
        )}
      </div>
    </div>
  )
}
