import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { ShopView } from '../../src/members/portal/contract.ts'
import { type LinkState, listen, useOnline } from '../api/live.ts'
import { keyOfShop, ofShop } from '../api/portal.ts'

/** Keeps what is on screen in step with what concerns the shop. Says whether the link holds. */
export function useShopLive(shop: ShopView): LinkState {
  const client = useQueryClient()
  const [state, setState] = useState<LinkState>('opening')
  const online = useOnline()
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
