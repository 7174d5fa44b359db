import { ActionIcon, TextInput, type TextInputProps } from '@mantine/core'
import IconCalendar from '@tabler/icons-react/icons/IconCalendar'
import { useEffect, useRef, useState } from 'react'
import { type DateKind, dayAfter, textOfValue, valueOfText, withSeparator } from '../../format/dates.ts'
import { useText } from '../../format/text.ts'
import classes from './DateField.module.css'

const PICKERS = { day: 'date', moment: 'datetime-local' } as const
const FORMATS = { day: 'date.format.day', time: 'date.format.time', moment: 'date.format.moment' } as const

/**
 * A field for a day, a time, or both, written as the reader writes them whatever the browser's language. Digits alone can be
 * typed; the arrows move a day; the button opens the calendar of the device.
 * @param props.value 2026-03-12, 14:30 or 2026-03-12T14:30; empty: none
 * @param props.onChange called with such a value; with the text itself if it cannot be read, so that a form is refused
 * @param props.alwaysSet for fields that always have a value: nothing is reported while there is none that can be read, and its form
 * is not sent, so that no other value is sent than the one that is shown
 * @param props.onUnreadable called in place of `onChange` then, where there is no form to stop
 */
export function DateField(
  props: Omit<TextInputProps, 'type' | 'value' | 'defaultValue' | 'onChange' | 'min' | 'max'> & {
    kind: DateKind
    value?: string
    onChange?: (value: string) => void
    min?: string | undefined
    max?: string | undefined
    alwaysSet?: boolean
    onUnreadable?: () => void
  },
) {
  const { t } = useText()
  const {
    kind,
    value = '',
    onChange = () => {},
    min,
    max,
    alwaysSet = false,
    onUnreadable,
    error,
    ...field
  } = props
  const [typed, setTyped] = useState<string | null>(null)
  const [isLeft, setLeft] = useState(false)
  const picker = useRef<HTMLInputElement>(null)
  const text = typed ?? textOfValue(kind, value)
  const format = t(FORMATS[kind])
  const isUnreadable = (alwaysSet || text.trim() !== '') && valueOfText(kind, text) === undefined
  const report = (next: string) => {
    const read = valueOfText(kind, next)
    if (read !== undefined || !alwaysSet) onChange(read ?? next.trim())
    else onUnreadable?.()
  }
  const input = useRef<HTMLInputElement>(null)
  const isRefused = alwaysSet && isUnreadable
  useEffect(() => {
    const form = input.current?.form
    if (!isRefused || !form) return
    const refuse = (event: SubmitEvent) => {
      event.preventDefault()
      event.stopImmediatePropagation()
      setLeft(true)
      input.current?.focus()
    }
    // Before React's own listener, which is at the root of the page.
    form.addEventListener('submit', refuse, { capture: true })
    return () => form.removeEventListener('submit', refuse, { capture: true })
  }, [isRefused])
  return (
    <TextInput
      {...field}
      ref={input}
      autoComplete="off"
      inputMode="numeric"
      spellCheck={false}
      placeholder={field.placeholder ?? format}
      value={text}
      data-refused={isRefused || undefined}
      error={(isUnreadable && isLeft && t('date.unreadable', { format })) || error}
      onChange={(event) => {
        const next = withSeparator(kind, text, event.currentTarget.value)
        setTyped(next)
        setLeft(false)
        report(next)
      }}
      onKeyDown={(event) => {
        field.onKeyDown?.(event)
        const step = { ArrowUp: 1, ArrowDown: -1 }[event.key]
        const day = kind === 'day' ? valueOfText(kind, text) : undefined
        if (step === undefined || day === undefined) return
        event.preventDefault()
        setTyped(null)
        onChange(dayAfter(day, step))
      }}
      onBlur={(event) => {
        if (!isUnreadable) setTyped(null)
        setLeft(true)
        field.onBlur?.(event)
      }}
      rightSectionWidth={44}
      rightSection={
        kind === 'time' ? undefined : (
          <span className={classes.picker}>
            <input
              ref={picker}
              type={PICKERS[kind]}
              tabIndex={-1}
              aria-hidden
              min={min}
              max={max}
              value={isUnreadable ? '' : (valueOfText(kind, text) ?? '')}
              onChange={(event) => {
                setTyped(null)
                onChange(event.currentTarget.value)
              }}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              size={28}
              className={classes.open ?? ''}
              disabled={field.disabled ?? false}
              aria-label={t('date.open')}
              onClick={() => picker.current?.showPicker()}
            >
              <IconCalendar size={16} stroke={1.8} aria-hidden />
            </ActionIcon>
          </span>
        )
      }
    />
  )
}
