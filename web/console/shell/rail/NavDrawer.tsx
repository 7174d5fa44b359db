import { Drawer } from '@mantine/core'
import type { ReactNode } from 'react'
import { storeAccountLang } from '../../../api/language.ts'
import { Preferences } from '../../../ui/account/Preferences.tsx'
import { useText } from '../../../ui/format/text.ts'
import type { Current } from '../current.tsx'
import { SchemeName } from '../header/SchemeName.tsx'
import classes from './Rail.module.css'

/** The whole navigation, where the rail shows only a part of it. */
export function NavDrawer(props: {
  opened: boolean
  onClose: () => void
  current: Current
  children: ReactNode
}) {
  const { t } = useText()
  return (
    <Drawer
      opened={props.opened}
      onClose={props.onClose}
      size={300}
      title={<SchemeName current={props.current} />}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <nav className={classes.drawer} aria-label={t('nav.label')}>
        {props.children}
      </nav>
      <div className={classes.drawerFoot}>
        <Preferences {...(props.current.scheme.role !== 'break_glass' && { onLang: storeAccountLang })} />
      </div>
    </Drawer>
  )
}
