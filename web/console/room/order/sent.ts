import { markExercise } from '../../../../src/message/exercise.ts'
import { withReference } from '../../../../src/message/reference.ts'
import { type Segmentation, segmentMessage } from '../../../../src/message/segment.ts'

interface Unreferenced {
  readonly text: string
  readonly exercise: boolean
}

interface Referred extends Unreferenced {
  readonly reference: string
  readonly traced: boolean
}

/** Returns the text of an alert without its reference. */
export function unreferencedText({ text, exercise }: Unreferenced): string {
  return exercise ? markExercise(text) : text.trim()
}

/** Returns the parts of the message as phones will show it and as it is counted. */
export function partsAsSent(alert: Referred): Segmentation {
  return segmentMessage(withReference(unreferencedText(alert), alert.reference, alert.traced), { fold: true })
}

/** Returns the same as one text. */
export function textAsSent(alert: Referred): string {
  return partsAsSent(alert).parts.join('')
}
