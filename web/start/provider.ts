import { callApi } from '../api/client.ts'

/** The purpose of a visit to the identity provider. */
export type ProviderPurpose = 'sign-in' | 'factor'

const KEPT_AS = 'tocsin.visit'
const CHANNEL = 'tocsin-provider'

/** The return of this tab: in a window of its own, which closes, or to a screen. */
interface Visit {
  readonly isWindow: boolean
  /** A path of this site. */
  readonly next?: string | undefined
}

/** Leaves this site for the page of the identity provider. */
export async function goToProvider(
  purpose: ProviderPurpose,
  { invitation, ...visit }: Visit & { readonly invitation?: string },
): Promise<void> {
  const { address } = await (purpose === 'factor'
    ? callApi('startProviderFactor')
    : callApi('startProviderSignIn', { body: invitation === undefined ? {} : { invitation } }))
  sessionStorage.setItem(KEPT_AS, JSON.stringify(visit))
  location.replace(address)
}

/** Returns how this tab left for the provider, once. */
export function takeVisit(): Visit {
  const kept = sessionStorage.getItem(KEPT_AS)
  sessionStorage.removeItem(KEPT_AS)
  return kept === null ? { isWindow: false } : JSON.parse(kept)
}

/**
 * Opens the page of the provider in a window, so that the screen stays as it is. Call it in the handler of a click.
 * @param address of the page that leaves for the provider
 * @param onDone called when the person came back, in this window or another tab
 * @returns ends the wait
 */
export function openProviderWindow(address: string, onDone: () => void): () => void {
  const channel = new BroadcastChannel(CHANNEL)
  channel.onmessage = () => {
    channel.close()
    onDone()
  }
  window.open(address, '_blank', 'popup,width=560,height=760')
  return () => channel.close()
}

/** Tells the screens that wait in other windows that the person came back. */
export function announceReturn(): void {
  const channel = new BroadcastChannel(CHANNEL)
  channel.postMessage('done')
  channel.close()
}
