import { MAGISTRATE_ID } from './doctrine/doctrine.ts'
import { FACTS_ID, LATE_ID, OFFENCE_ID, PLACE_ID, RECORDED_ID, WHEN_ID, ZONE_REASON_ID } from './ids.ts'
import { firstReasonOf } from './Reasons.tsx'
import { MESSAGE_ID } from './text/MessageField.tsx'
import type { Missing } from './text/message.ts'

const ids: Record<Missing, string | null> = {
  category: null,
  commune: PLACE_ID,
  when: WHEN_ID,
  lateReason: firstReasonOf(LATE_ID),
  text: MESSAGE_ID,
  facts: FACTS_ID,
  tooLong: MESSAGE_ID,
  guarded: MESSAGE_ID,
  claim: RECORDED_ID,
  clash: MESSAGE_ID,
  area: null,
  audience: null,
  noOffence: `${OFFENCE_ID}-no`,
  arrested: `${OFFENCE_ID}-arrested`,
  authorisation: MAGISTRATE_ID,
  zoneReason: firstReasonOf(ZONE_REASON_ID),
}

/** Moves the focus to what is missing. */
export function focusOn(missing: Missing): void {
  const id = ids[missing]
  const prefix = missing === 'category' ? 'quoi-' : 'zone-'
  // The facts of a recorded report cannot change: the focus goes to the message.
  const target =
    id === null
      ? document.querySelector(`input[id^="${prefix}"]`)
      : (document.getElementById(id) ?? document.getElementById(MESSAGE_ID))
  if (target instanceof HTMLElement) target.focus()
}
