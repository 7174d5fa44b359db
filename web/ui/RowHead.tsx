import { UnstyledButton } from '@mantine/core'
import IconChevronDown from '@tabler/icons-react/icons/IconChevronDown'
import type { ReactNode } from 'react'
import classes from './RowHead.module.css'

/** The class of the row, over which the head of a closed one takes clicks. */
export const rowClass = classes.row ?? ''

/** The head of a row that shows its rest once it is opened, by Enter or a click anywhere on it. J and K go to it (`useRowKeys`). */
export function RowHead(props: { id: string; isOpen: boolean; onToggle: () => void; children: ReactNode }) {
  return (
    <UnstyledButton
      className={classes.head}
      data-row={props.id}
      aria-expanded={props.isOpen}
      onClick={props.onToggle}
    >
      {props.children}
      <IconChevronDown className={classes.chevron} size={18} stroke={1.8} aria-hidden />
    </UnstyledButton>
  )
}
