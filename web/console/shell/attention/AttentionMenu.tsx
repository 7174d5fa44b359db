import { ActionIcon, Button, Stack, Switch } from '@mantine/core'
import IconBell from '@tabler/icons-react/icons/IconBell'
import IconBellOff from '@tabler/icons-react/icons/IconBellOff'
import { useState } from 'react'
import { Flyout } from '../../../ui/Flyout.tsx'
import { useText } from '../../../ui/format/text.ts'
import classes from '../header/Header.module.css'
import { playChime, setAttention, useAttention } from './attention.ts'

/** Sets whether, and how, the user is alerted to new reports and alerts to decide on. */
export function AttentionMenu() {
  const { t } = useText()
  const { muted, sound, desktop } = useAttention()
  const [refused, setRefused] = useState(
    () => 'Notification' in globalThis && Notification.permission === 'denied',
  )
  const Icon = muted ? IconBellOff : IconBell

  const askDesktop = async (wanted: boolean) => {
    if (!wanted || !('Notification' in globalThis)) return setAttention({ desktop: false })
    const permission = await Notification.requestPermission()
    setRefused(permission === 'denied')
    setAttention({ desktop: permission === 'granted' })
  }

  return (
    <Flyout
      label={t('attention.label')}
      button={(attributes) => (
        <ActionIcon
          {...attributes}
          variant="subtle"
          color="gray"
          className={classes.bell ?? ''}
          aria-label={muted ? t('attention.muted') : t('attention.label')}
          title={muted ? t('attention.muted') : t('attention.label')}
        >
          <Icon size={18} stroke={1.8} aria-hidden />
        </ActionIcon>
      )}
    >
      {() => (
        <Stack gap={12}>
          <Switch
            label={t('attention.on')}
            description={t('attention.on.what')}
            checked={!muted}
            onChange={(event) => setAttention({ muted: !event.currentTarget.checked })}
          />
          <Switch
            label={t('attention.sound')}
            checked={sound}
            disabled={muted}
            onChange={(event) => {
              setAttention({ sound: event.currentTarget.checked })
              if (event.currentTarget.checked) playChime()
            }}
          />
          <Switch
            label={t('attention.desktop')}
            description={refused ? t('attention.desktop.refused') : undefined}
            checked={desktop && !refused}
            disabled={muted || !('Notification' in globalThis)}
            onChange={(event) => void askDesktop(event.currentTarget.checked)}
          />
          <Button variant="default" size="xs" disabled={muted || !sound} onClick={playChime}>
            {t('attention.try')}
          </Button>
        </Stack>
      )}
    </Flyout>
  )
}
