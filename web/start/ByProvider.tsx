import { Button, type ButtonProps } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { aboutQuery } from '../api/queries.ts'
import { useAction } from '../api/useAction.ts'
import { useText } from '../ui/format/text.ts'
import { Failure } from '../ui/Notice.tsx'
import { goToProvider, openProviderWindow, type ProviderPurpose } from './provider.ts'

/** Signs in by the identity provider, leaving this page for it. Renders nothing where the installation has none. */
export function ByProvider(props: {
  next?: string | undefined
  invitation?: string
  size?: ButtonProps['size']
}) {
  const { t } = useText()
  const provider = useQuery(aboutQuery).data?.provider ?? null
  const { next, invitation, size = 'md' } = props
  const leave = useAction(() =>
    goToProvider('sign-in', { isWindow: false, next, ...(invitation !== undefined && { invitation }) }),
  )
  if (provider === null) return null
  return (
    <>
      <Failure error={leave.failure} />
      <Button
        variant={invitation === undefined ? 'filled' : 'default'}
        size={size}
        loading={leave.isPending || leave.isSuccess}
        onClick={() => leave.mutate()}
      >
        {t('signIn.byProvider', { provider })}
      </Button>
    </>
  )
}

/** Proves at the identity provider who the user is, in a window of its own: the screen stays as it is. */
export function ByProviderWindow(props: {
  purpose: ProviderPurpose
  onDone: () => void
  fullWidth?: boolean
  variant?: 'filled' | 'default'
}) {
  const { t } = useText()
  const provider = useQuery(aboutQuery).data?.provider ?? null
  const router = useRouter()
  const stop = useRef<() => void>(undefined)
  useEffect(() => () => stop.current?.(), [])
  if (provider === null) return null
  return (
    <Button
      variant={props.variant ?? 'default'}
      size="md"
      fullWidth={props.fullWidth === true}
      onClick={() => {
        stop.current?.()
        const { href } = router.buildLocation({ to: '/connexion/depart', search: { pour: props.purpose } })
        stop.current = openProviderWindow(href, props.onDone)
      }}
    >
      {t('signIn.byProvider', { provider })}
    </Button>
  )
}
