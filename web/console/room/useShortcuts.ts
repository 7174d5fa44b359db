import { useEffect } from 'react'
import type { SchemeView } from '../../../src/schemes/contract.ts'
import { forgetEarlyKeys, takeEarlyKeys } from '../../ui/loading/early.ts'
import { hotkeysOf } from './audience/areas.ts'
import { doctrineOfLetter } from './doctrine/DoctrineField.tsx'
import { useRoomKeys } from './hotkeys.ts'
import { LINE_ID } from './ids.ts'
import { typeInto } from './typeInto.ts'
import type { EnteredCall } from './useEnteredCall.ts'

/** Applies the keys of the room to the entered call. */
export function useShortcuts(room: {
  scheme: SchemeView
  call: Pick<EnteredCall, 'draft' | 'change' | 'place' | 'doctrine' | 'guard' | 'fixes' | 'described'>
  send: () => void
  silent: boolean
}): void {
  const { scheme, send, silent } = room
  const { draft, change, place, doctrine, guard, fixes, described } = room.call
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, with the line as it opens
  useEffect(() => {
    const typed = takeEarlyKeys()
    if (typed !== '') typeInto(LINE_ID, draft.line + typed)
    return forgetEarlyKeys
  }, [])
  useRoomKeys({
    silent,
    submit: send,
    fix: (all) => {
      if (described.words !== null) described.remove()
      else if (guard.first !== null) fixes.applyFix(all ? guard.fixAll() : guard.first.fix.text)
    },
    authorise: described.authorise,
    digit: (digit, withAlt) => {
      // The line of a blank call takes it as the key that it is, and the letters of the place after it.
      if (!withAlt && draft.calledAt === null && draft.line === '') return typeInto(LINE_ID, String(digit))
      const category = scheme.categories.find((one) => one.position === digit)
      if (category !== undefined && draft.report === null) place.pickCategory(category.code)
    },
    letter: (letter) => {
      const answers = doctrineOfLetter(letter, draft.doctrine, doctrine.prevention)
      if (answers !== null) {
        change({ doctrine: answers })
        return true
      }
      const found = [...hotkeysOf(place.areas ?? [])].find(([, one]) => one === letter)
      if (found === undefined) return false
      place.pickArea(found[0])
      return true
    },
    line: (startsWord) => {
      const line = document.getElementById(LINE_ID)
      if (!(line instanceof HTMLInputElement)) return
      if (startsWord && /\S$/.test(line.value)) typeInto(LINE_ID, `${line.value} `)
      line.focus()
      line.setSelectionRange(line.value.length, line.value.length)
    },
  })
}
