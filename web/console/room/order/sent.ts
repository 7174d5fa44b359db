import { markExercise } from '../../../../src/message/exercise.ts'
import { withReference } from '../../../../src/message/reference.ts'
import { type Segmentation, segmentMessage } from '../../../../src/message/segment.ts'

interface Said {
  readonly text: string
  readonly exercise: boolean
}

interface Referred extends Said {
  readonly reference: string
  readonly traced: boolean
}

/** Returns the text of an alert without its reference. */
export function saidOf({ text, exercise }: Said): string {
  return exercise ? markExercise(text) : text.trim()
}

/** Returns the parts of the message as phones will show it and as it is counted. */
export function sendingOf(alert: Referred): Segmentation {
  return segmentMessage(withReference(saidOf(alert), alert.reference, alert.traced), { fold: true })
}

/** Returns the same as one text. */
export function sentOf(alert: Referred): string {
  return sendingOf(alert).parts.join('')
}
