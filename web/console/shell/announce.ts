import { attention, chime } from './attention.ts'

/** Of several tabs open at once, one makes the noise. */
const ONE_TAB_MS = 2000

interface Notice {
  title: string
  body: string
  /** The same in every tab, for the same thing. */
  tag: string
  /** The notification was followed. */
  onOpen: () => void
}

/** A permission taken back since shows nothing, and a phone knows no notification of a page: the rest is there still. */
function onDesktop({ title, body, tag, onOpen }: Notice): void {
  try {
    const shown = new Notification(title, { body, tag })
    shown.onclick = () => {
      window.focus()
      onOpen()
      shown.close()
    }
  } catch {
    // Refused by the browser.
  }
}

/** Makes something noticed beyond the screen, as far as the person wants it: sound, and a notification of the desktop. */
export function announce(notice: Notice): void {
  if (attention().muted) return
  const show = () => {
    if (attention().sound) chime()
    if (attention().desktop) onDesktop(notice)
    return new Promise((done) => setTimeout(done, ONE_TAB_MS))
  }
  void navigator.locks.request(`tocsin.announce.${notice.tag}`, { ifAvailable: true }, (lock) =>
    lock === null ? undefined : show(),
  )
}
