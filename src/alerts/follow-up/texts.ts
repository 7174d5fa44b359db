import { withReference } from '../../message/reference.ts'
import { segmentMessage } from '../../message/segment.ts'
import { composeText } from '../../schemes/texts/compose.ts'
import { eventWords } from '../../schemes/texts/whereabouts.ts'

/** The facts of an alert used in the texts of its follow-ups. Messages are in French. */
export interface AlertSubject {
  readonly category: { readonly labelFr: string }
  /** The place as named in its texts: "à Billom", "agglomération d'Issoire". */
  readonly placeWords: string
  readonly reference: string
  readonly traced?: boolean
}

/** Returns a label as written within the sentence of an SMS: "vol d'animaux"; an abbreviation keeps its capitals. */
function labelOf({ category: { labelFr } }: AlertSubject): string {
  const label = labelFr.replaceAll('’', "'")
  return /^\p{Lu}\p{Ll}/u.test(label) ? label.charAt(0).toLowerCase() + label.slice(1) : label
}

const templates = {
  all_clear: "Fin d'alerte : {faits}. Merci de votre vigilance.",
  /** Sent at the expiry if no user closed the alert: the offenders may be at large. */
  closing: "Fin de validité de l'alerte : {faits}. Merci de votre vigilance.",
  arrest: "Suite de l'alerte {faits} : une interpellation a eu lieu. Merci de votre vigilance.",
  nothing: "Suite de l'alerte {faits} : pas de suite à ce jour. Merci de votre vigilance.",
  unknown: "Suite de l'alerte {faits} : issue non connue à ce jour. Merci de votre vigilance.",
} as const

/** Septets that the opening of an update leaves for what is new, in one SMS with the reference. */
const LEFT_FOR_NEWS = 60

/** Returns the text proposed to the operator or sent automatically. The place is named if it fits into one SMS. */
export function followUpText(kind: keyof typeof templates, alert: AlertSubject): string {
  return aboutAlert(templates[kind], alert, 0)
}

const openings = { update: 'Mise à jour : {faits}.', correction: 'Rectificatif : {faits}.' } as const

/**
 * Returns the initial text for the operator: the whole all-clear, or the first sentence of an update or a correction, which
 * says what and where, since its readers may have several alerts on their phones.
 */
export function openingText(kind: 'update' | 'correction' | 'all_clear', alert: AlertSubject): string {
  if (kind === 'all_clear') return followUpText(kind, alert)
  return `${aboutAlert(openings[kind], alert, LEFT_FOR_NEWS)} `
}

/** Fills a template with the event and its place, or the event alone where one SMS has no room for both. */
function aboutAlert(template: string, alert: AlertSubject, leftFree: number): string {
  const label = labelOf(alert)
  const whole = composeText(template, { faits: eventWords(label, alert.placeWords) })
  const filled = `${whole}${'x'.repeat(leftFree)}`
  const isOnePart =
    segmentMessage(withReference(filled, alert.reference, alert.traced), { fold: true }).parts.length === 1
  return isOnePart ? whole : composeText(template, { faits: label })
}
