import {
  ActionIcon,
  type MantineColorScheme,
  UnstyledButton,
  useMantineColorScheme,
  VisuallyHidden,
} from '@mantine/core'
import IconDeviceDesktop from '@tabler/icons-react/icons/IconDeviceDesktop'
import IconMoon from '@tabler/icons-react/icons/IconMoon'
import IconSun from '@tabler/icons-react/icons/IconSun'
import { type Lang, showLang, useText } from '../format/text.ts'
import classes from './Preferences.module.css'

const icons = { auto: IconDeviceDesktop, light: IconSun, dark: IconMoon }
const schemes: readonly MantineColorScheme[] = ['auto', 'light', 'dark']

/**
 * Language and light or dark mode, both stored for the next visit. Signed-in pages pass `onLang`, which stores the language for
 * mails too.
 */
export function Preferences(props: { className?: string | undefined; onLang?: (lang: Lang) => void }) {
  const { t, lang } = useText()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const other = lang === 'fr' ? 'en' : 'fr'
  const Shown = icons[colorScheme]
  return (
    <div className={`${classes.preferences} ${props.className ?? ''}`}>
      <UnstyledButton
        className={classes.lang}
        lang={other}
        onClick={() => {
          props.onLang?.(other)
          void showLang(other, { keep: true })
        }}
      >
        {other.toUpperCase()}
        <VisuallyHidden>{other === 'en' ? ' English' : ' Français'}</VisuallyHidden>
      </UnstyledButton>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={32}
        className={classes.icon ?? ''}
        aria-label={t('scheme.now', { scheme: t(`scheme.${colorScheme}`) })}
        title={t('scheme.now', { scheme: t(`scheme.${colorScheme}`) })}
        onClick={() => setColorScheme(schemes[(schemes.indexOf(colorScheme) + 1) % schemes.length] ?? 'auto')}
      >
        <Shown size={18} stroke={1.7} aria-hidden />
      </ActionIcon>
    </div>
  )
}
