import { callApi } from './client.ts'

/**
 * Makes a part of the app from its import. `load` loads it once, and again after a failure; `loaded` returns null until
 * then.
 */
export function partOf<T>(importPart: () => Promise<T>) {
  let part: T | null = null
  let loading: Promise<T> | null = null
  return {
    loaded: () => part,
    load: (): Promise<T> => {
      loading ??= importPart().then(
        (loaded) => {
          part = loaded
          return loaded
        },
        (error: unknown) => {
          loading = null
          throw error
        },
      )
      return loading
    },
  }
}

/**
 * Checks that the server responds, before a part is imported: Chromium never asks again for a module that failed to
 * load, until the page is reloaded.
 * @throws ApiError if it does not
 */
export async function checkServer(): Promise<void> {
  await callApi('getAbout')
}
