import { type ComponentType, useEffect, useState } from 'react'
import { onFirstToast } from './toast.ts'

/** Where passing messages appear. */
export function Toasts() {
  const [holder, setHolder] = useState<{ Holder: ComponentType<{ position: 'bottom-right' }> } | null>(null)
  useEffect(() => onFirstToast((shown) => setHolder({ Holder: shown.Notifications })), [])
  return holder === null ? null : <holder.Holder position="bottom-right" />
}
