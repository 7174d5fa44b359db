import { z } from 'zod'

/** Minutes after midnight, as clocks in France show them. */
export const MinuteOfDay = z.number().int().min(0).max(1439)

/**
 * Hours in which a member is left in peace: from `from` (included) to `to` (excluded), over midnight when `from` is
 * after `to`. Equal: none at all.
 */
export const QuietHours = z.object({ from: MinuteOfDay, to: MinuteOfDay })
export type QuietHours = z.infer<typeof QuietHours>

const study = (outcome: string) =>
  z.string().trim().min(1).max(300).default(`Votre signalement a été étudié : ${outcome}`)
const AGAIN = 'En cas de nouveau fait, appelez le 17.'

/** What the caller of a refused report is answered, by the reason (reports/contract.ts); each fits one SMS. */
const RefusalAnswers = z.object({
  no_offence: study(`pas d'infraction constatée, donc pas d'alerte. ${AGAIN}`),
  doubt: study(`les faits restent à vérifier, pas d'alerte pour le moment. ${AGAIN}`),
  arrested: study("les personnes en cause sont interpellées, pas d'alerte nécessaire. Merci de votre appel."),
  too_late: study(
    'les faits sont trop anciens pour alerter. Appelez le 17 dès les faits : chaque minute compte.',
  ),
  out_of_zone: study(`les faits sont hors de notre zone, pas d'alerte ici. ${AGAIN}`),
  duplicate: study('une alerte est déjà partie pour ces faits. Merci de votre appel.'),
  other: study(`il ne donne pas lieu à une alerte. ${AGAIN}`),
})

const Budget = z.number().int().min(1).max(50).nullable()

/**
 * How a scheme spares its members (overload is the first reason for which people leave such networks). A vital alert
 * is never held back.
 */
export const CareSettings = z.object({
  /** Alerts of a severity that a number gets in seven days at most; null: any number of them. */
  budgetPerWeek: z
    .object({ vital: z.null().default(null), alert: Budget.default(7), notice: Budget.default(2) })
    .prefault({}),
  /** The least severity that breaks quiet hours. */
  quietOverriddenBy: z.enum(['vital', 'alert']).default('vital'),
  /** Of the members who chose none; null: no quiet hours. */
  quiet: QuietHours.nullable().default(null),
  /** When those over their budget are told what they were spared. Those in quiet hours are told at their end. */
  digestAt: MinuteOfDay.default(8 * 60),
  answers: RefusalAnswers.prefault({}),
})
export type CareSettings = z.infer<typeof CareSettings>
