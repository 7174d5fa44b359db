import { useQuery } from '@tanstack/react-query'
import { aboutQuery } from '../api/queries.ts'
import { NotFoundPage } from '../ui/frame/NotFoundPage.tsx'
import { Frame } from './Frame.tsx'

/** An address without a page outside the console and the portal, such as a link of an SMS that was typed by hand. */
export function NotFound() {
  const demo = useQuery(aboutQuery).data?.demo ?? false
  return (
    <Frame demo={demo}>
      <NotFoundPage />
    </Frame>
  )
}
