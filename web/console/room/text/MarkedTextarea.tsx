import { Textarea, type TextareaProps } from '@mantine/core'
import { type ReactNode, useLayoutEffect, useRef } from 'react'
import classes from './Guard.module.css'

/** A range of the text to be highlighted, in UTF-16 units. */
export interface Mark {
  readonly start: number
  readonly end: number
  readonly severity: 'block' | 'warn'
}

const COPIED = [
  'font',
  'letterSpacing',
  'lineHeight',
  'padding',
  'borderWidth',
  'textIndent',
  'tabSize',
] as const

/** A text field that highlights ranges behind the letters; the remarks beside it say the same in words. */
export function MarkedTextarea(props: TextareaProps & { value: string; marks: readonly Mark[] }) {
  const { marks, ...field } = props
  const input = useRef<HTMLTextAreaElement>(null)
  const back = useRef<HTMLDivElement>(null)

  // The letters behind must be exactly where those of the field are.
  useLayoutEffect(() => {
    const from = input.current
    const to = back.current
    if (from === null || to === null) return
    const align = () => {
      const style = getComputedStyle(from)
      for (const name of COPIED) to.style[name] = style[name]
      // Without the scroll bar, which narrows the lines.
      to.style.width = `${from.clientWidth + from.clientLeft * 2}px`
      to.style.height = `${from.offsetHeight}px`
      to.scrollTop = from.scrollTop
    }
    align()
    const observer = new ResizeObserver(align)
    observer.observe(from)
    return () => observer.disconnect()
  }, [])

  return (
    <div className={classes.field}>
      <div ref={back} className={classes.back} aria-hidden>
        {marked(field.value, marks)}
      </div>
      <Textarea
        {...field}
        ref={input}
        onScroll={(event) => {
          if (back.current !== null) back.current.scrollTop = event.currentTarget.scrollTop
        }}
      />
    </div>
  )
}

function marked(text: string, marks: readonly Mark[]): ReactNode[] {
  const pieces: ReactNode[] = []
  let at = 0
  for (const { start, end, severity } of marks) {
    // Two remarks may be about the same words: the first one colours them.
    if (start < at || end <= start) continue
    pieces.push(text.slice(at, start))
    pieces.push(
      <mark key={start} data-severity={severity}>
        {text.slice(start, end)}
      </mark>,
    )
    at = end
  }
  // An empty last line has a height too.
  pieces.push(`${text.slice(at)}\n`)
  return pieces
}
