import { currentAttention, playChime } from './attention.ts'

/** Lets only one of several open tabs make the sound. */
const ONE_TAB_MS = 2000

interface Notice {
  title: string
  body: string
  /** Identifies the event; the same in every tab. */
  tag: string
  /** Called when the notification is clicked. */
  onOpen: () => void
}

/**
 * If the permission was revoked since, or on a phone, where pages cannot notify, nothing is shown; sound and title
 * still work.
 */
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

/** Notifies the user beyond the screen as their settings allow: sound, and a desktop notification. */
export function announceNotice(notice: Notice): void {
  if (currentAttention().muted) return
  const show = () => {
    if (currentAttention().sound) playChime()
    if (currentAttention().desktop) onDesktop(notice)
    return new Promise((done) => setTimeout(done, ONE_TAB_MS))
  }
  void navigator.locks.request(`tocsin.announce.${notice.tag}`, { ifAvailable: true }, (lock) =>
    lock === null ? undefined : show(),
  )
}
