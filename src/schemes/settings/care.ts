import { z } from 'zod'

/** Minutes after midnight, in French local time. */
export const MinuteOfDay = z.number().int().min(0).max(1439)

/**
 * Hours in which a member gets no alerts, unless they are grave enough: from `from` (included) to `to` (excluded), past
 * midnight when `from` is after `to`. Equal values mean no quiet hours.
 */
export const QuietHours = z.object({ from: MinuteOfDay, to: MinuteOfDay })
export type QuietHours = z.infer<typeof QuietHours>

const refusalText = (outcome: string) =>
  z.string().trim().min(1).max(300).default(`Votre signalement a été étudié : ${outcome}`)
const AGAIN = 'En cas de nouveau fait, appelez le 17.'

/** Texts sent to the caller of a refused report, by reason (reports/contract.ts); each fits into one SMS. */
const RefusalAnswers = z.object({
  no_offence: refusalText(`pas d'infraction constatée, donc pas d'alerte. ${AGAIN}`),
  doubt: refusalText(`les faits restent à vérifier, pas d'alerte pour le moment. ${AGAIN}`),
  arrested: refusalText(
    "les personnes en cause sont interpellées, pas d'alerte nécessaire. Merci de votre appel.",
  ),
  too_late: refusalText(
    'les faits sont trop anciens pour alerter. Appelez le 17 dès les faits : chaque minute compte.',
  ),
  out_of_zone: refusalText(`les faits sont hors de notre zone, pas d'alerte ici. ${AGAIN}`),
  duplicate: refusalText('une alerte est déjà partie pour ces faits. Merci de votre appel.'),
  other: refusalText(`il ne donne pas lieu à une alerte. ${AGAIN}`),
})

const Budget = z.number().int().min(1).max(50).nullable()

/**
 * The limits that a scheme sets on the load of its members (overload is the first reason for which people leave such networks). A
 * vital alert is never held back.
 */
export const CareSettings = z.object({
  /** Maximum number of alerts of each severity that a number gets in seven days; null: no limit. */
  budgetPerWeek: z
    .object({ vital: z.null().default(null), alert: Budget.default(7), notice: Budget.default(2) })
    .prefault({}),
  /** The lowest severity that is sent in quiet hours. */
  quietOverriddenBy: z.enum(['vital', 'alert']).default('vital'),
  /** Quiet hours of members who chose none; null: no quiet hours. */
  quiet: QuietHours.nullable().default(null),
  /** Time of the digest for members over their budget. Members in quiet hours get theirs when the quiet hours end. */
  digestAt: MinuteOfDay.default(8 * 60),
  answers: RefusalAnswers.prefault({}),
})
export type CareSettings = z.infer<typeof CareSettings>
