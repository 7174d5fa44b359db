import { Navigate, useRouter } from '@tanstack/react-router'
import { useState } from 'react'

/** Redirects to the start page, which returns here after the sign-in. */
export function ToSignIn() {
  const router = useRouter()
  // Stored when the missing session was noticed, since the address changes during the redirect.
  const [asked] = useState(() => router.state.location.href)
  return <Navigate to="/" search={{ vers: asked }} replace />
}
