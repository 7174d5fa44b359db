import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import classes from './Flyout.module.css'

/**
 * Shows a panel under its button: an element with the attribute `popover`, which the browser closes on Escape and on a press
 * elsewhere. It is a fraction of the code of the library's own, which the first load of the alert room has no room for.
 * @param props.button the button, with the attributes that it needs
 */
export function Flyout(props: {
  button: (attributes: {
    popoverTarget: string
    'aria-haspopup': 'dialog'
    'aria-expanded': boolean
  }) => ReactNode
  label: string
  className?: string | undefined
  children: (close: () => void) => ReactNode
}) {
  const id = useId()
  const panel = useRef<HTMLDivElement>(null)
  const [isOpen, setOpen] = useState(false)
  useEffect(() => {
    if (!isOpen) return
    panel.current?.querySelector<HTMLElement>('button, a, input')?.focus()
  }, [isOpen])
  const place = () => {
    const button = document.querySelector(`[popovertarget="${CSS.escape(id)}"]`)?.getBoundingClientRect()
    if (button === undefined) return
    panel.current?.style.setProperty('top', `${button.bottom + GAP_PX}px`)
    const right = Math.max(GAP_PX, document.documentElement.clientWidth - button.right)
    panel.current?.style.setProperty('right', `${right}px`)
  }
  return (
    <>
      {props.button({ popoverTarget: id, 'aria-haspopup': 'dialog', 'aria-expanded': isOpen })}
      <div
        ref={panel}
        id={id}
        popover="auto"
        role="dialog"
        aria-label={props.label}
        className={[classes.panel, props.className].filter(Boolean).join(' ')}
        onBeforeToggle={place}
        onToggle={(event) => setOpen(event.newState === 'open')}
      >
        {isOpen && props.children(() => panel.current?.hidePopover())}
      </div>
    </>
  )
}

const GAP_PX = 8
