import { useSyncExternalStore } from 'react'

/** What browsers offer that can install (no type of the DOM library yet). */
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
  // The portal asks by a button of its own, where one looks for it.
  event.preventDefault()
  offerInstall(event as InstallEvent)
})
addEventListener('appinstalled', () => offerInstall(null))

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Asks to put the portal among the applications of the phone; null where there is nothing to ask. */
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

/** Makes these pages an application of the phone that opens without a network; the console is none. */
export function beInstallable(): void {
  link('manifest', '/portail.webmanifest')
  link('apple-touch-icon', '/tocsin-192.png')
  // The development server has no files to keep.
  if (import.meta.env.PROD && 'serviceWorker' in navigator) {
    navigator.serviceWorker.register('/portail-sw.js', { scope: '/portail' }).catch(() => {
      // A browser that refuses it (private window) shows the portal all the same.
    })
  }
}
