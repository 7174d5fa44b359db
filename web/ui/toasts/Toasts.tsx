import { type ComponentType, useEffect, useState } from 'react'
import classes from './Toasts.module.css'
import { onFirstToast } from './toast.ts'

/** The place of passing messages: away from the buttons to order, save and undo, in the middle and on the right; on a phone at the top. */
export function Toasts() {
  const [holder, setHolder] = useState<{
    Holder: ComponentType<{ position: 'bottom-left'; containerWidth: number; className: string | undefined }>
  } | null>(null)
  useEffect(() => onFirstToast((shown) => setHolder({ Holder: shown.Notifications })), [])
  return holder === null ? null : (
    <holder.Holder position="bottom-left" containerWidth={300} className={classes.holder} />
  )
}
