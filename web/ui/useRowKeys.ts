import { useEffect } from 'react'

/** Whether a key that a list listens to is meant for it: not for a field, nor for a dialog. @param dialogs those that leave it the key */
export function isForList(event: KeyboardEvent, dialogs: number): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return false
  if (event.target instanceof Element && event.target.closest('input:not([type=checkbox]), textarea, select'))
    return false
  return document.querySelectorAll('[role=dialog][aria-modal=true]').length <= dialogs
}

/**
 * Walks the rows of a screen by J and K: the focus goes to the control of the next or previous row, which Enter opens. With the
 * panel of a row open, the panel of the next one opens in its place. Each control has the id of its row in `data-row`.
 * @param openId the row whose panel is open
 */
export function useRowKeys(openId?: string): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const step = { j: 1, k: -1 }[event.key.toLowerCase()]
      if (step === undefined || !isForList(event, openId === undefined ? 0 : 1)) return
      const next = neighbourOf(openId, step)
      if (next === undefined) return
      event.preventDefault()
      if (openId === undefined) next.focus()
      else next.click()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  })
}

/** Returns the control of the next or previous row of the one that is open or has the focus; of none, the first one. */
function neighbourOf(openId: string | undefined, step: number): HTMLElement | undefined {
  const rows = [...document.querySelectorAll<HTMLElement>('main [data-row]')]
  const current = openId ?? document.activeElement?.closest<HTMLElement>('[data-row]')?.dataset.row
  const at = rows.findIndex((row) => row.dataset.row === current)
  // K without a current row begins at the first one, like J.
  return rows[at === -1 ? 0 : at + step]
}
