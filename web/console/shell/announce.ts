import { attention, chime } from './attention.ts'

/** Of several tabs open at once, one makes the noise. */
const ONE_TAB_MS = 2000

/**
 * Makes something noticed beyond the screen, as far as the person wants it: sound, and a notification of the desktop.
 * @param tag the same in every tab, for the same thing
 * @param onOpen the notification was followed
 */
export function announce(notice: { title: string; body: string; tag: string; onOpen: () => void }): void {
  if (attention().muted) return
  const show = () => {
    if (attention().sound) chime()
    if (attention().desktop && 'Notification' in globalThis && Notification.permission === 'granted') {
      const { title, body, tag, onOpen } = notice
      const shown = new Notification(title, { body, tag })
      shown.onclick = () => {
        window.focus()
        onOpen()
        shown.close()
      }
    }
    return new Promise((done) => setTimeout(done, ONE_TAB_MS))
  }
  void navigator.locks.request(`tocsin.announce.${notice.tag}`, { ifAvailable: true }, (lock) =>
    lock === null ? undefined : show(),
  )
}
