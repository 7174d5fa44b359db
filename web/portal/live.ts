import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { ShopView } from '../../src/members/portal/contract.ts'
import { serverNow } from '../api/clock.ts'
import { type LinkState, listen, useOnline } from '../api/live.ts'
import { keyOfShop, ofShop } from '../api/portal.ts'

const KEPT_AS = 'tocsin.portal.heard'
const NOTE_MS = 20_000

/** When the link held last, on this phone; null: never, or not known. */
export function lastHeard(): number | null {
  const at = Number(localStorage.getItem(KEPT_AS))
  return at > 0 ? at : null
}

/** Keeps what is on screen in step with what concerns the shop. Says whether the link holds. */
export function useShopLive(shop: ShopView): LinkState {
  const client = useQueryClient()
  const [state, setState] = useState<LinkState>('opening')
  const online = useOnline()
  useEffect(() => {
    if (state !== 'open' || !online) return
    const note = () => localStorage.setItem(KEPT_AS, String(serverNow()))
    note()
    const timer = setInterval(note, NOTE_MS)
    return () => clearInterval(timer)
  }, [state, online])
  useEffect(() => {
    let lost = false
    const readAgain = () => void client.invalidateQueries({ queryKey: keyOfShop(shop) })
    return listen(ofShop(shop, '/live'), ['alert', 'report'], {
      message: readAgain,
      state: (next) => {
        setState(next)
        if (next === 'lost') lost = true
        // What was said while the link was down was missed.
        if (next === 'open' && lost) {
          lost = false
          readAgain()
        }
      },
    })
  }, [client, shop])
  return online ? state : 'lost'
}
