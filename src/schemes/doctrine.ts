import { z } from 'zod'
import { descriptionLevels, guardLevels } from '../guard/finding.ts'
import { CareSettings } from './care.ts'

/** How grave a category is: decides its colour, its priority and what may break a member's quiet hours. */
export const SeverityName = z.enum(['vital', 'alert', 'notice'])

/**
 * What a text may tell (the three levels of the conventions): free wording without a suspect · zone, date, time, way
 * of doing and advice · plates and descriptions, which only the prosecutor allows.
 */
export const ContentLevel = z.enum(guardLevels)
export type ContentLevel = z.infer<typeof ContentLevel>

/** How much the texts of a category may tell to begin with: never what the prosecutor has to allow. */
export const CategoryLevel = ContentLevel.extract(['prevention', 'established'])
export type CategoryLevel = z.infer<typeof CategoryLevel>

/** The kind of area that the alerts of a category are for to begin with, around the place of the call. */
export const CategoryArea = z.enum([
  'commune',
  'neighbours',
  'epci',
  'arrondissement',
  'departement',
  'scheme',
])
export type CategoryArea = z.infer<typeof CategoryArea>

/** What the operator answers before an alert may leave; null: not answered. */
export const DoctrineAnswers = z.object({
  /** Doubt is cleared and there is an offence (attempts count). */
  offence: z.boolean().nullable(),
  /** The suspects are arrested already. */
  arrested: z.boolean().nullable(),
  level: ContentLevel,
})
export type DoctrineAnswers = z.infer<typeof DoctrineAnswers>

/** The alerts that need a second person: those to which all three apply. */
const ApprovalRule = z.object({
  /** Category codes. */
  categories: z.union([z.literal('all'), z.array(z.string().max(60))]),
  severities: z.union([z.literal('all'), z.array(SeverityName)]),
  /** Absent: at every level. */
  level: ContentLevel.optional(),
})

/**
 * The doctrine of a scheme: what its convention leaves to it. What is the same everywhere is no setting: no offence or
 * suspects arrested, no alert; precise elements need the prosecutor; a text that says more than its level does not
 * leave; nobody approves what they wrote, but in an exercise.
 */
export const DoctrineSettings = z.object({
  /** Minutes between the offence and the call beyond which a written reason is needed. */
  lateAfterMinutes: z.number().int().min(1).max(1440).default(60),
  approval: z.array(ApprovalRule).default([{ categories: 'all', severities: 'all', level: 'precise' }]),
  /** Whether a chief may order without the second person, who then reviews it. */
  emergencyOverride: z.boolean().default(true),
  /** From which level on a text may describe a person or a vehicle; plates stay among precise elements. */
  descriptionLevel: ContentLevel.extract(descriptionLevels).default('precise'),
  /** Of an alert about a place outside the agency's zone: a written reason, or nothing. */
  outsideZone: z.enum(['reason', 'free']).default('reason'),
  /** Whether recipients are told when an alert expires. */
  closingMessage: z.boolean().default(false),
  /** Seconds after the order during which it can be taken back. */
  cancelWindowSeconds: z.number().int().min(0).max(10).default(3),
  /** Whether each recipient gets a mark of their own in the reference, by which a copy that got out is traced. */
  leakTracing: z.boolean().default(false),
  /** How it spares its members. */
  care: CareSettings.prefault({}),
})
export type DoctrineSettings = z.infer<typeof DoctrineSettings>
/** What a scheme sets of it. */
export type DoctrineChoices = z.input<typeof DoctrineSettings>
