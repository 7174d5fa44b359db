import { TextInput, type TextInputProps } from '@mantine/core'
import {
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import classes from '../Flyout.module.css'

/**
 * A text field that proposes entries while one types (combobox with a list, WAI-ARIA): arrows move, Enter takes, Escape closes.
 * It is a fraction of the code of the library's own, which the first load of the alert room has no room for.
 */
export function SuggestField<Entry>(
  props: Omit<TextInputProps, 'onChange' | 'label'> & {
    label: string
    entries: readonly Entry[]
    keyOf: (entry: Entry) => string
    render: (entry: Entry) => ReactNode
    onType: (text: string) => void
    onPick: (entry: Entry) => void
    /** Shown in place of entries when there are none; null: the list is closed. */
    none?: ReactNode
    /** Whether the first entry is marked as the one that Enter takes: `onKeyDown` takes it. */
    marksFirst?: boolean
    /** Whether a press on the field opens the list, for entries that are there before anything is typed. */
    opensOnPress?: boolean
    /** Smallest width of the list in pixels, in place of that of the field. */
    listPixels?: number
    className?: string
  },
) {
  const { entries, keyOf, render, onType, onPick, none = null, ...others } = props
  const { marksFirst, opensOnPress, listPixels, ...field } = others
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const list = useRef<HTMLDivElement>(null)
  const [isWanted, setWanted] = useState(false)
  const [at, setAt] = useState(-1)
  const isOpen = isWanted && (entries.length > 0 || none !== null)
  const active = isOpen ? Math.min(at, entries.length - 1) : -1

  useLayoutEffect(() => {
    const panel = list.current
    if (panel === null || !isOpen) return
    const place = () => input.current && placeUnder(panel, input.current, listPixels)
    panel.showPopover()
    place()
    addEventListener('scroll', place, { capture: true, passive: true })
    addEventListener('resize', place)
    return () => {
      removeEventListener('scroll', place, { capture: true })
      removeEventListener('resize', place)
      panel.hidePopover()
    }
  }, [isOpen, listPixels])

  useEffect(() => {
    if (active >= 0) list.current?.children[active]?.scrollIntoView({ block: 'nearest' })
  }, [active])

  const close = () => {
    setWanted(false)
    setAt(-1)
  }
  const pick = (entry: Entry) => {
    close()
    onPick(entry)
  }
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const entry = entries[active]
    const isTaken = event.key === 'Enter' && entry !== undefined && (active > 0 || !marksFirst)
    if (isTaken) {
      event.preventDefault()
      return pick(entry)
    }
    field.onKeyDown?.(event)
    if (event.defaultPrevented || event.nativeEvent.isComposing) return
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (event.key === 'Escape') close()
    if (step === undefined || entries.length === 0) return
    event.preventDefault()
    setWanted(true)
    const from = active < 0 && step < 0 ? 0 : active
    setAt((from + step + entries.length) % entries.length)
  }

  return (
    <>
      <TextInput
        autoComplete="off"
        spellCheck={false}
        {...field}
        ref={input}
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
        // While the list is open, Escape closes it and not the dialog around the field.
        data-mantine-stop-propagation={isOpen}
        onClick={(event) => {
          if (opensOnPress) setWanted(true)
          field.onClick?.(event)
        }}
        onChange={(event) => {
          onType(event.currentTarget.value)
          setWanted(true)
          setAt(-1)
        }}
        onBlur={(event) => {
          close()
          field.onBlur?.(event)
        }}
        onKeyDown={onKeyDown}
      />
      <div
        ref={list}
        id={id}
        popover="manual"
        role="listbox"
        aria-label={props.label}
        className={classes.options}
        // The field keeps the focus while an entry is pressed.
        onMouseDown={(event) => event.preventDefault()}
      >
        {isOpen &&
          entries.map((entry, index) => (
            // The keys are those of the field, which has the focus.
            // biome-ignore lint/a11y/useKeyWithClickEvents: see above
            <div
              key={keyOf(entry)}
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === active}
              data-first={(marksFirst && index === 0) || undefined}
              className={classes.option}
              onClick={() => pick(entry)}
            >
              {render(entry)}
            </div>
          ))}
        {isOpen && entries.length === 0 && <div className={classes.none}>{none}</div>}
      </div>
    </>
  )
}

const GAP_PX = 6
const LIST_MAX_PX = 320

/** Puts a list under its field, or above where there is more room. */
function placeUnder(list: HTMLElement, input: HTMLElement, leastPixels = 0): void {
  const field = input.getBoundingClientRect()
  const { clientWidth, clientHeight } = document.documentElement
  const below = clientHeight - field.bottom - 2 * GAP_PX
  const above = field.top - 2 * GAP_PX
  const isBelow = below >= Math.min(list.scrollHeight, LIST_MAX_PX) || below >= above
  const width = Math.min(Math.max(field.width, leastPixels), clientWidth - 2 * GAP_PX)
  const left = Math.max(GAP_PX, Math.min(field.left, clientWidth - width - GAP_PX))
  const style = {
    left: `${left}px`,
    width: `${width}px`,
    'max-height': `${Math.min(LIST_MAX_PX, isBelow ? below : above)}px`,
    top: isBelow ? `${field.bottom + GAP_PX}px` : 'auto',
    bottom: isBelow ? 'auto' : `${clientHeight - field.top + GAP_PX}px`,
  }
  for (const [name, value] of Object.entries(style)) list.style.setProperty(name, value)
}
