import type { SchemeView } from '../../../src/schemes/contract.ts'
import { hotkeysOf } from './audience/areas.ts'
import { LINE_ID } from './call/LineField.tsx'
import { doctrineOfLetter } from './doctrine/DoctrineField.tsx'
import { useRoomKeys } from './hotkeys.ts'
import { PLACE_ID } from './ids.ts'
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
  useRoomKeys({
    silent,
    submit: send,
    fix: (all) => {
      if (described.words !== null) described.remove()
      else if (guard.first !== null) fixes.applyFix(all ? guard.fixAll() : guard.first.fix.text)
    },
    authorise: described.authorise,
    digit: (digit) => {
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
    line: () => document.getElementById(LINE_ID)?.focus(),
    place: () => document.getElementById(PLACE_ID)?.focus(),
  })
}
