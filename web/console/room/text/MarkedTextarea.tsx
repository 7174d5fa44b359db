import { Textarea, type TextareaProps } from '@mantine/core'
import { type ReactNode, useLayoutEffect, useRef } from 'react'
import classes from './Guard.module.css'

/** A stretch of the text, in UTF-16 units, to be seen in it. */
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

/** A text field whose stretches are coloured behind the letters; what is marked is also told in words beside it. */
export function MarkedTextarea(props: TextareaProps & { value: string; marks: readonly Mark[] }) {
  const { marks, ...field } = props
  const input = useRef<HTMLTextAreaElement>(null)
  const back = useRef<HTMLDivElement>(null)

  // The letters behind must stand exactly where those of the field do.
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
    // Two remarks may speak of the same words: the first one colours them.
    if (start < at || end <= start) continue
    pieces.push(text.slice(at, start))
    pieces.push(
      <mark key={start} data-severity={severity}>
        {text.slice(start, end)}
      </mark>,
    )
    at = end
  }
  // A last line that is empty has a height too.
  pieces.push(`${text.slice(at)}\n`)
  return pieces
}
