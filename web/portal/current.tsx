import { createContext, type ReactNode, useContext, useMemo, useState } from 'react'
import type { OwnPermission } from '../../src/permissions.ts'
import type { PortalSession, ShopView } from '../../src/portal/contract.ts'
import { setTimeZone } from '../api/clock.ts'

/** The signed-in person of the portal, and the shop on screen. */
export interface CurrentShop {
  readonly shop: ShopView
  /** Sorted by name; one or more. */
  readonly shops: readonly ShopView[]
  readonly choose: (memberId: string) => void
  readonly may: (permission: OwnPermission) => boolean
}

const KEPT_AS = 'tocsin.shop'
const Context = createContext<CurrentShop | null>(null)

export function ShopProvider(props: { session: PortalSession; children: ReactNode }) {
  const { shops } = props.session
  const [chosen, setChosen] = useState(() => localStorage.getItem(KEPT_AS))
  const current = useMemo<CurrentShop | null>(() => {
    const shop = shops.find(({ member }) => member.id === chosen) ?? shops[0]
    if (shop === undefined) return null
    return {
      shop,
      shops,
      choose: (memberId) => {
        localStorage.setItem(KEPT_AS, memberId)
        setChosen(memberId)
      },
      may: (permission) => shop.permissions.includes(permission),
    }
  }, [shops, chosen])
  // A shop that the session gains later may come first in the list: the one on screen stays.
  const shown = current?.shop.member.id ?? chosen
  if (shown !== chosen) setChosen(shown)
  // Before the screens inside are drawn, which format their times by it.
  if (current !== null) setTimeZone(current.shop.scheme.timeZone)
  return <Context value={current}>{props.children}</Context>
}

/** For screens of the portal that require a session. */
export function useShop(): CurrentShop {
  const current = useContext(Context)
  if (current === null) throw new Error('this screen needs a shop')
  return current
}
