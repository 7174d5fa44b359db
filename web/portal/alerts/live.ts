import { type InfiniteData, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { OwnAlertList, OwnAlertView, OwnLiveMessage } from '../../../src/portal/alerts/contract.ts'
import type { ShopView } from '../../../src/portal/contract.ts'
import { callApi } from '../../api/client.ts'
import { serverNow } from '../../api/clock.ts'
import { type LinkState, listenToStream } from '../../api/live.ts'
import { useOnline } from '../../api/online.ts'
import { keyOfShop, ownAlertsQuery, ownReportsQuery, paramsOfShop } from '../../api/portal.ts'
import { isRefusal } from '../../api/problems.ts'
import { portalSessionKey } from '../../api/queries.ts'

const KEPT_AS = 'tocsin.portal.heard'
const NOTE_MS = 20_000

/** When the connection was last up, on this phone; null: never, or not known. */
export function lastHeard(): number | null {
  const at = Number(localStorage.getItem(KEPT_AS))
  return at > 0 ? at : null
}

type Pages = InfiniteData<OwnAlertList>

/** Replaces an alert in the list, or adds it at the start, since the latest are first. */
function withAlert(data: Pages, alert: OwnAlertView): Pages {
  const isKnown = data.pages.some(({ alerts }) => alerts.some(({ id }) => id === alert.id))
  const pages = data.pages.map((page, i) => ({
    ...page,
    alerts: isKnown
      ? page.alerts.map((one) => (one.id === alert.id ? alert : one))
      : [...(i === 0 ? [alert] : []), ...page.alerts],
  }))
  return { ...data, pages }
}

/** Keeps the screen up to date with the shop's events. Returns whether the connection is up. */
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
    // Hundreds of phones are notified at the same instant: each fetches this alert only, not its whole list.
    const take = async (message: OwnLiveMessage): Promise<void> => {
      if (message.type === 'report') {
        await client.invalidateQueries({ queryKey: ownReportsQuery(shop).queryKey })
        return
      }
      const alert = await callApi('getOwnAlert', { params: { ...paramsOfShop(shop), id: message.alertId } })
      client.setQueryData(ownAlertsQuery(shop).queryKey, (data) => data && withAlert(data, alert))
    }
    return listenToStream('watchOwnAlerts', { params: paramsOfShop(shop) }, ['alert', 'report'], {
      message: (message) => void take(message).catch(readAgain),
      state: (next) => {
        setState(next)
        if (next === 'lost') {
          lost = true
          // The server closes the stream of a session that ended.
          callApi('getPortalSession').catch((error: unknown) => {
            if (isRefusal(error, 'not_signed_in')) client.setQueryData(portalSessionKey, null)
          })
        }
        // Events were missed while the connection was down.
        if (next === 'open' && lost) {
          lost = false
          readAgain()
        }
      },
    })
  }, [client, shop])
  return online ? state : 'lost'
}
