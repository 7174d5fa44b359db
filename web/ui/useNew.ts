import { useNavigate, useSearch } from '@tanstack/react-router'

/** Whether the form of a screen is open, by its address (`nouveau`), so that a link opens it and the back key closes it. */
export function useNew(): { readonly isNew: boolean; readonly open: () => void; readonly close: () => void } {
  const { nouveau } = useSearch({ strict: false })
  const navigate = useNavigate()
  return {
    isNew: nouveau === 'oui',
    open: () =>
      void navigate({ to: '.', search: (before) => ({ ...before, nouveau: 'oui' }), resetScroll: false }),
    close: () =>
      void navigate({
        to: '.',
        search: ({ nouveau: _, ...rest }: { nouveau?: unknown }) => rest,
        replace: true,
        resetScroll: false,
        // The form decided to close: what is typed is saved or given up.
        ignoreBlocker: true,
      }),
  }
}
