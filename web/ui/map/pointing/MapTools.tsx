import { ActionIcon, Button } from '@mantine/core'
import IconArrowBackUp from '@tabler/icons-react/icons/IconArrowBackUp'
import IconBrush from '@tabler/icons-react/icons/IconBrush'
import IconEraser from '@tabler/icons-react/icons/IconEraser'
import IconFocusCentered from '@tabler/icons-react/icons/IconFocusCentered'
import IconHandMove from '@tabler/icons-react/icons/IconHandMove'
import IconMinus from '@tabler/icons-react/icons/IconMinus'
import IconPlus from '@tabler/icons-react/icons/IconPlus'
import IconZoomReset from '@tabler/icons-react/icons/IconZoomReset'
import type { ReactNode } from 'react'
import { useText } from '../../format/text.ts'
import classes from '../MapCanvas.module.css'

/** The effect of a drag over the map. `paint` selects communes or deselects them, depending on where it begins. */
export type Gesture = 'paint' | 'add' | 'remove' | 'move'

const ICONS = { paint: IconBrush, add: IconBrush, remove: IconEraser, move: IconHandMove }

/** Selects what a drag does. */
export function MapGestures(props: {
  gestures: readonly Gesture[]
  value: Gesture
  onChange: (gesture: Gesture) => void
}) {
  const { t } = useText()
  return (
    <fieldset aria-label={t('map.gesture')} className={classes.gesture}>
      {props.gestures.map((gesture) => {
        const Icon = ICONS[gesture]
        const isOn = gesture === props.value
        return (
          <Button
            key={gesture}
            variant={isOn ? 'filled' : 'default'}
            size="compact-sm"
            aria-pressed={isOn}
            leftSection={<Icon size={16} aria-hidden />}
            onClick={() => props.onChange(gesture)}
          >
            {t(`map.${gesture}`)}
          </Button>
        )
      })}
    </fieldset>
  )
}

/** The buttons that move the map, and undo what was done on it. */
export function MapTools(props: {
  onZoom: (by: 1 | -1) => void
  /** Null: no area is selected. */
  onArea: (() => void) | null
  onWhole: () => void
  /** Null: nothing to undo; undefined: nothing is done on this map. */
  onUndo: (() => void) | null | undefined
}) {
  const { t } = useText()
  const { onArea, onUndo } = props
  const tool = (label: string, icon: ReactNode, onClick: (() => void) | null) => (
    <ActionIcon
      variant="default"
      aria-label={label}
      title={label}
      disabled={onClick === null}
      onClick={() => onClick?.()}
    >
      {icon}
    </ActionIcon>
  )
  return (
    <div className={classes.tools}>
      {tool(t('map.in'), <IconPlus size={16} aria-hidden />, () => props.onZoom(1))}
      {tool(t('map.out'), <IconMinus size={16} aria-hidden />, () => props.onZoom(-1))}
      {tool(t('map.zone'), <IconFocusCentered size={16} aria-hidden />, onArea)}
      {tool(t('map.whole'), <IconZoomReset size={16} aria-hidden />, props.onWhole)}
      {onUndo !== undefined && tool(t('map.undo'), <IconArrowBackUp size={16} aria-hidden />, onUndo)}
    </div>
  )
}
