import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

/** Opens the alert room with the report and the content of its alert. */
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
