import { lazy, Suspense } from 'react'
import { useLostOrders } from './orders.ts'

// Used so rarely that they are loaded on demand.
const OrderNotices = lazy(() =>
  import('./OrderNotices.tsx').then((module) => ({ default: module.OrderNotices })),
)

/** Asks for the result of orders whose response was lost, and shows it. */
export function LostOrders(props: Parameters<typeof useLostOrders>[0]) {
  const { fates, dismiss } = useLostOrders(props)
  return <Suspense>{fates.length > 0 && <OrderNotices fates={fates} onDismiss={dismiss} />}</Suspense>
}
