import { UnstyledButton } from '@mantine/core'
import IconSearch from '@tabler/icons-react/icons/IconSearch'
import { type Dispatch, lazy, type SetStateAction, Suspense, useCallback, useEffect, useState } from 'react'
import { useText } from '../../../ui/format/text.ts'
import { restPart } from '../../../ui/mantine/rest.ts'
import { isTyping } from '../../../ui/typing.ts'
import type { Current } from '../current.tsx'
import classes from './Search.module.css'

// Opened a few times a day: the first screen does not wait for it.
const Palette = lazy(async () => {
  const [module] = await Promise.all([import('../../palette/Palette.tsx'), restPart.load()])
  return { default: module.Palette }
})
const KeysDialog = lazy(async () => {
  const [module] = await Promise.all([import('../../palette/KeysDialog.tsx'), restPart.load()])
  return { default: module.KeysDialog }
})

/** Milliseconds from its opening in which the search takes what is typed: on a stalled network the keyboard is free again. */
const TYPED_MS = 3000

/** Takes what is typed before the field of the search has the focus, while its code loads: no letter is lost, none acts on the screen. */
function useTypedMeanwhile(
  isOpen: boolean,
  setTyped: Dispatch<SetStateAction<string>>,
  close: () => void,
): void {
  useEffect(() => {
    if (!isOpen) return
    const until = Date.now() + TYPED_MS
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      if (document.activeElement?.closest('[role=dialog]')) return
      const isLetter = event.key.length === 1 && Date.now() < until
      if (!isLetter && event.key !== 'Escape') return
      event.preventDefault()
      event.stopPropagation()
      if (isLetter) setTyped((typed) => typed + event.key)
      else close()
    }
    document.addEventListener('keydown', onKeyDown, { capture: true })
    return () => document.removeEventListener('keydown', onKeyDown, { capture: true })
  }, [isOpen, setTyped, close])
}

/** The place of the search in the top bar: Control or Command and K opens it, and a question mark the keys of the screen. */
export function Search(props: { current: Current }) {
  const { t } = useText()
  const [opened, setOpened] = useState<'search' | 'keys' | null>(null)
  const [typed, setTyped] = useState('')
  const close = useCallback(() => setOpened(null), [])
  useTypedMeanwhile(opened === 'search', setTyped, close)
  const openSearch = () => {
    setTyped('')
    setOpened('search')
  }
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.repeat || event.isComposing || event.altKey) return
      const isSearch = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k'
      const isHelp = event.key === '?' && !event.ctrlKey && !event.metaKey && !isTyping(event.target)
      // A dialog, also one that asks to sign in or to unlock, is answered first.
      if (!(isSearch || isHelp) || document.querySelector('[role=dialog][aria-modal=true]') !== null) return
      event.preventDefault()
      setTyped('')
      setOpened(isSearch ? 'search' : 'keys')
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [])
  return (
    <>
      <UnstyledButton
        className={classes.search ?? ''}
        aria-keyshortcuts="Control+K"
        aria-haspopup="dialog"
        onClick={openSearch}
      >
        <IconSearch size={18} stroke={1.7} aria-hidden />
        <span className={classes.text}>{t('nav.search')}</span>
        <kbd className={classes.key} aria-hidden>
          {t('key.ctrlK')}
        </kbd>
      </UnstyledButton>
      <Suspense>
        {opened === 'search' && (
          <Palette
            current={props.current}
            typed={typed}
            onType={setTyped}
            onClose={close}
            onKeys={() => setOpened('keys')}
          />
        )}
        {opened === 'keys' && <KeysDialog onClose={close} />}
      </Suspense>
    </>
  )
}
