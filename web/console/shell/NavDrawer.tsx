import { Drawer } from '@mantine/core'
import type { ReactNode } from 'react'
import { Brand } from '../../ui/Brand.tsx'
import { useText } from '../../ui/text.ts'
import classes from './Header.module.css'

/** The navigation on a phone, behind a menu button. */
export function NavDrawer(props: {
  opened: boolean
  onClose: () => void
  label: string
  children: ReactNode
}) {
  const { t } = useText()
  return (
    <Drawer
      opened={props.opened}
      onClose={props.onClose}
      size={300}
      title={<Brand />}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <nav className={classes.drawer} aria-label={props.label}>
        {props.children}
      </nav>
    </Drawer>
  )
}
