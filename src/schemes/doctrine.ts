import { z } from 'zod'
import { descriptionLevels, guardLevels } from '../guard/finding.ts'
import { CareSettings } from './settings/care.ts'

/** Severity of a category. It decides its colour, its priority and whether it is sent in a member's quiet hours. */
export const SeverityName = z.enum(['vital', 'alert', 'notice'])

/**
 * The elements that a text may reveal (the three levels of the conventions): general wording without a suspect · area, date,
 * time, method and advice · plates and descriptions, which require the prosecutor's agreement.
 */
export const ContentLevel = z.enum(guardLevels)
export type ContentLevel = z.infer<typeof ContentLevel>

/** Initial level of the texts of a category: never the one that requires the prosecutor. */
export const CategoryLevel = ContentLevel.extract(['prevention', 'established'])
export type CategoryLevel = z.infer<typeof CategoryLevel>

/** Initial kind of area of the alerts of a category, around the place of the call. */
export const CategoryArea = z.enum([
  'commune',
  'neighbours',
  'epci',
  'arrondissement',
  'departement',
  'scheme',
])
export type CategoryArea = z.infer<typeof CategoryArea>

/** The operator's answers before an alert may be sent; null: not answered. */
export const DoctrineAnswers = z.object({
  /** True when there is no doubt left that an offence was committed (attempts count). */
  offence: z.boolean().nullable(),
  /** True when the suspects are already arrested. */
  arrested: z.boolean().nullable(),
  level: ContentLevel,
})
export type DoctrineAnswers = z.infer<typeof DoctrineAnswers>

/** Selects the alerts that require a second person: those that meet all three conditions. */
const ApprovalRule = z.object({
  /** Codes of categories. */
  categories: z.union([z.literal('all'), z.array(z.string().max(60))]),
  severities: z.union([z.literal('all'), z.array(SeverityName)]),
  /** The lowest level of the texts that it covers; absent: every level. A text that reveals more never needs fewer people. */
  level: ContentLevel.optional(),
})

const Minutes = z.number().int().min(1).max(240).nullable().default(null)
const UnansweredMinutes = z.object({ vital: Minutes, alert: Minutes, notice: Minutes })

/**
 * The doctrine of a scheme: the settings that its convention leaves open. Rules that are the same everywhere are not
 * settings: no alert without an offence or once the suspects are arrested; precise elements require the prosecutor; a text
 * that reveals more than its level is not sent; no one approves their own text, except in an exercise.
 */
export const DoctrineSettings = z.object({
  /** Minutes between the offence and the call beyond which a written reason is needed. */
  lateAfterMinutes: z.number().int().min(1).max(1440).default(60),
  approval: z.array(ApprovalRule).default([{ categories: 'all', severities: 'all', level: 'precise' }]),
  /** Seconds without an answer after which the next person on call is called. */
  nextCallSeconds: z.number().int().min(15).max(1800).default(90),
  /**
   * Minutes after a submission without an answer after which its author may order it, with a review left open, by severity; null:
   * never.
   */
  unansweredMinutes: UnansweredMinutes.prefault({}),
  /** Whether a chief may order without the second person, who reviews the order afterwards. */
  emergencyOverride: z.boolean().default(true),
  /** The lowest level at which a text may describe a person or a vehicle; plates are always precise elements. */
  descriptionLevel: ContentLevel.extract(descriptionLevels).default('precise'),
  /** Whether an alert about a place outside the agency's zone requires a written reason. */
  outsideZone: z.enum(['reason', 'free']).default('reason'),
  /** Whether recipients are notified when an alert expires. */
  closingMessage: z.boolean().default(false),
  /** Seconds after the order during which it can be undone. */
  cancelWindowSeconds: z.number().int().min(0).max(10).default(3),
  /** Whether each recipient gets a mark of their own in the reference, by which a leaked copy is traced. */
  leakTracing: z.boolean().default(false),
  /** Limits on the load of the scheme's members. */
  care: CareSettings.prefault({}),
})
export type DoctrineSettings = z.infer<typeof DoctrineSettings>
/** The doctrine as written in a definition: only the settings that differ from the defaults. */
export type DoctrineChoices = z.input<typeof DoctrineSettings>
