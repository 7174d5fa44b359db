import { defineRouteMiddleware } from '@astrojs/starlight/route-data'
import { navigation } from './navigation.json'

/** Gives each page the navigation of its language: few pages exist in both. */
export const onRequest = defineRouteMiddleware(({ locals, url }) => {
  const route = locals.starlightRoute
  const base = import.meta.env.BASE_URL.replace(/\/$/, '')
  const here = url.pathname.replace(/\.html$|\/$/g, '')
  route.sidebar = navigation[route.locale === 'en' ? 'en' : 'fr'].map(({ label, collapsed, pages }) => {
    const entries = pages.map(({ title, path }) => {
      const href = `${base}${path}/`
      const isCurrent = here === `${base}${path}`
      return { type: 'link' as const, label: title, href, isCurrent, badge: undefined, attrs: {} }
    })
    const isOpen = entries.some(({ isCurrent }) => isCurrent)
    return { type: 'group' as const, label, entries, collapsed: collapsed && !isOpen, badge: undefined }
  })
})
