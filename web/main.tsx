import './ui/mantine/mantine.ts'
import '@fontsource-variable/inter/wght.css'
import './ui/mantine/tokens.css'
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core'
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ApiError } from './api/client.ts'
import { setLock } from './api/lock.ts'
import { isRefusal } from './api/problems.ts'
import { aboutQuery, endedQuery, portalSessionKey, sessionQuery } from './api/queries.ts'
import { router } from './router.tsx'
import { listenForDialogKey } from './ui/dialog/dialogKey.ts'
import { styleNonce } from './ui/format/nonce.ts'
import { chosenLang, loadTexts, showLang } from './ui/format/text.ts'
import { keepEarlyKeys } from './ui/loading/early.ts'
import { restPart } from './ui/mantine/rest.ts'
import { resolveVariables, theme } from './ui/mantine/theme.ts'
import { Toasts } from './ui/toasts/Toasts.tsx'

const TRIES = 2

/**
 * The session ended on the server, or is locked: its screens ask to sign in again, or to unlock it, and unsaved entries stay in the
 * tab.
 */
function leaveWhenSignedOut(error: unknown, of: readonly unknown[] | undefined): void {
  if (isRefusal(error, 'session_locked')) setLock(queryClient, 'locked')
  // A rule of the scheme came in force: the screens say what it requires.
  if (isRefusal(error, 'second_factor_required', 'provider_required'))
    void queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey, exact: true })
  // Other refusals with this status are about a password or a code.
  if (!isRefusal(error, 'not_signed_in')) return
  // The portal has a session of its own.
  if (of?.[0] === 'portal') {
    queryClient.setQueryData(portalSessionKey, null)
    return
  }
  if (queryClient.getQueryData(sessionQuery.queryKey)) queryClient.setQueryData(endedQuery.queryKey, true)
  queryClient.setQueryData(sessionQuery.queryKey, null)
}

const queryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, query) => {
      leaveWhenSignedOut(error, query.queryKey)
      // The screens stay as they were under the sign-in, with what is typed in them.
      if (isRefusal(error, 'not_signed_in', 'session_locked') && query.state.data !== undefined) {
        query.setState({ status: 'success', error: null })
      }
    },
  }),
  mutationCache: new MutationCache({
    onError: (error, _input, _result, { options }) => leaveWhenSignedOut(error, options.mutationKey),
  }),
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // Refusals are final; requests that did not reach the server are retried.
      retry: (tries, error) =>
        tries < TRIES && error instanceof ApiError && (error.status === 0 || error.status >= 500),
    },
  },
})

/** The paths of public pages: those of `publicPage` in router.tsx. */
const PUBLIC =
  /^\/(?:$|verifier$|accessibilite$|invitation$|secours$|(?:dispositif|numero|demo\/carte|parquet|connexion)\/)/
/** Longer than this, the page is shown without what it waits for. */
const LAYOUT_WAIT_MS = 1500

/**
 * Prefetches the data that decide the layout of a public page, together with its texts, so that nothing moves when they arrive.
 */
function loadWhatLaysOut(): Promise<unknown> {
  const isForSession = location.pathname === '/' || location.pathname === '/secours'
  return Promise.all([
    queryClient.prefetchQuery(aboutQuery),
    isForSession && queryClient.prefetchQuery(sessionQuery),
  ])
}

const withinStart = (loading: Promise<unknown>) =>
  Promise.race([loading, new Promise((resolve) => setTimeout(resolve, LAYOUT_WAIT_MS))])

const colorSchemeManager = localStorageColorSchemeManager({ key: 'tocsin.scheme' })

// The page's policy allows the style elements of its components by this nonce.
const nonce = styleNonce()
// Read by get-nonce, for the component that stops the page from scrolling under a dialog.
Object.assign(globalThis, { __webpack_nonce__: nonce })

const holder = document.getElementById('root')
if (holder === null) throw new Error('the page has no root')

keepEarlyKeys()
listenForDialogKey()
await showLang(chosenLang(), { keep: false })
// The alert room starts with what it shows first, a public page and the portal with their own texts, any other screen with all texts.
if (location.pathname === '/salle') await loadTexts('room')
else
  await Promise.all([
    PUBLIC.test(location.pathname)
      ? loadTexts('public')
      : location.pathname.startsWith('/portail')
        ? loadTexts('portal')
        : restPart.load(),
    withinStart(loadWhatLaysOut()),
  ])
createRoot(holder).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={resolveVariables}
      colorSchemeManager={colorSchemeManager}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce ?? ''}
    >
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
        <Toasts />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
