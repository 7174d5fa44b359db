import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

/** Leads to the room, with the report taken up and what its alert held. */
export function TakeUp(props: { reportId: string; variant?: 'default'; children: ReactNode }) {
  return (
    <Button
      {...(props.variant && { variant: props.variant })}
      renderRoot={(root) => <Link {...root} to="/salle" search={{ signalement: props.reportId }} />}
    >
      {props.children}
    </Button>
  )
}
