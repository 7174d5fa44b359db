import { NativeSelect } from '@mantine/core'
import { type Lang, showLang, useText } from '../format/text.ts'

const NAMES = [
  { value: 'fr', label: 'Français' },
  { value: 'en', label: 'English' },
]

/** The language of the screens and of what is sent to the person. */
export function LanguageChoice(props: { label: string; what: string; onLang: (lang: Lang) => void }) {
  const { lang } = useText()
  return (
    <NativeSelect
      label={props.label}
      description={props.what}
      data={NAMES}
      value={lang}
      maw={420}
      onChange={(event) => {
        const chosen: Lang = event.currentTarget.value === 'en' ? 'en' : 'fr'
        props.onLang(chosen)
        void showLang(chosen, { keep: true })
      }}
    />
  )
}
