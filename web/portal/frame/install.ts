import { useSyncExternalStore } from 'react'

/** The event of browsers that can install an app (not in the DOM types yet). */
interface InstallEvent extends Event {
  prompt(): Promise<unknown>
}

let offered: InstallEvent | null = null
const listeners = new Set<() => void>()

function offerInstall(event: InstallEvent | null): void {
  offered = event
  for (const listener of listeners) listener()
}

addEventListener('beforeinstallprompt', (event) => {
  // The portal has a button of its own for it, instead of the browser's prompt.
  event.preventDefault()
  offerInstall(event as InstallEvent)
})
addEventListener('appinstalled', () => offerInstall(null))

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Returns a function that offers to install the portal on the phone; null if that is not possible. */
export function useInstall(): (() => void) | null {
  const event = useSyncExternalStore(subscribe, () => offered)
  if (event === null) return null
  return () => {
    offerInstall(null)
    void event.prompt()
  }
}

function link(rel: string, href: string): void {
  if (document.head.querySelector(`link[rel="${rel}"]`) !== null) return
  const element = document.createElement('link')
  element.rel = rel
  element.href = href
  document.head.append(element)
}

/**
 * Registers the service worker, so that the portal works as an app without a network; the console does not.
 * @param onFirst called when it takes over a page that was loaded without one
 */
export function beInstallable(onFirst: () => void): void {
  link('manifest', '/portail.webmanifest')
  link('apple-touch-icon', '/tocsin-192.png')
  // The development server has no built files to cache.
  if (import.meta.env.PROD && 'serviceWorker' in navigator) {
    if (navigator.serviceWorker.controller === null)
      navigator.serviceWorker.addEventListener('controllerchange', onFirst, { once: true })
    navigator.serviceWorker.register('/portail-sw.js', { scope: '/portail' }).catch(() => {
      // If the browser refuses it (private window), the portal works without.
    })
  }
}
