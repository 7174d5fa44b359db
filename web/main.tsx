import './ui/mantine.ts'
import '@fontsource-variable/inter/wght.css'
import './ui/tokens.css'
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ApiError } from './api/client.ts'
import { router } from './router.tsx'
import { chosenLang, speak } from './ui/text.ts'
import { resolveVariables, theme } from './ui/theme.ts'

const TRIES = 2

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // What the server refuses it refuses again; what did not reach it may pass the next time.
      retry: (tries, error) =>
        tries < TRIES && error instanceof ApiError && (error.status === 0 || error.status >= 500),
    },
  },
})

const colorSchemeManager = localStorageColorSchemeManager({ key: 'tocsin.scheme' })

const holder = document.getElementById('root')
if (holder === null) throw new Error('the page has no root')

await speak(chosenLang(), { keep: false })
createRoot(holder).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={resolveVariables}
      colorSchemeManager={colorSchemeManager}
      defaultColorScheme="auto"
    >
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
        <Notifications position="bottom-right" />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
