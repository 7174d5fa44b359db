import { z } from 'zod'
import { StoredObserver } from '../../alerts/observers/actions.ts'
import { StoredPerson } from '../../on-call/actions.ts'
import { StoredRole } from '../../people/roles/propose.ts'
import { nameSchemas } from '../../platform/http/endpoints.ts'
import { CategoryFields } from '../../schemes/categories/contract.ts'
import {
  AccessSettings,
  DuesSettings,
  EnrolmentSettings,
  MailTexts,
  SchemeGeneral,
} from '../../schemes/contract.ts'
import { DoctrineSettings } from '../../schemes/doctrine.ts'
import { SettingChangeFacts, SettingRuleView } from '../../settings/contract.ts'
import type { SettingName } from '../../settings/rules.ts'

/** Describes settings whose values have the same type, before and after; null: there was nothing. */
function partOf<const Name extends SettingName, Before extends z.ZodType, After extends z.ZodType>(
  settings: readonly [Name, ...Name[]],
  before: Before,
  after: After,
) {
  return z.object({
    setting: z.enum(settings),
    before: before.nullable(),
    after: after.nullable(),
    /** The values were stored by a version in which the setting had another type, so that they are left out. */
    unreadable: z.literal(true).optional(),
  })
}

function settingOf<const Name extends SettingName, Value extends z.ZodType>(
  settings: readonly [Name, ...Name[]],
  value: Value,
) {
  return partOf(settings, value, value)
}

const doctrine = DoctrineSettings.shape

/** A setting with its value before and after. */
export const SettingPartView = z.discriminatedUnion('setting', [
  settingOf(['doctrine.approval'], doctrine.approval.unwrap()),
  settingOf(['doctrine.unansweredMinutes'], doctrine.unansweredMinutes.unwrap()),
  settingOf(['doctrine.emergencyOverride', 'doctrine.closingMessage', 'doctrine.leakTracing'], z.boolean()),
  settingOf(['doctrine.descriptionLevel'], doctrine.descriptionLevel.unwrap()),
  settingOf(
    ['doctrine.lateAfterMinutes', 'doctrine.nextCallSeconds', 'doctrine.cancelWindowSeconds'],
    z.number(),
  ),
  settingOf(['doctrine.outsideZone'], doctrine.outsideZone.unwrap()),
  settingOf(['doctrine.care'], doctrine.care.unwrap()),
  settingOf(
    ['categories.add', 'categories.change', 'categories.label', 'categories.remove', 'categories.restore'],
    CategoryFields.partial().extend({ code: z.string() }),
  ),
  settingOf(
    [
      'scheme.name',
      'scheme.sender',
      'scheme.closingAdvice',
      'scheme.timeZone',
      'scheme.referencePrefix',
      'scheme.chamber',
    ],
    z.string(),
  ),
  settingOf(['scheme.languages'], SchemeGeneral.shape.languages),
  settingOf(['scheme.territory'], SchemeGeneral.shape.territory),
  settingOf(['scheme.alertLifetimeHours', 'scheme.smsPriceMillicents'], z.number()),
  settingOf(
    ['texts.welcome', 'texts.duesCall', 'texts.duesReminder', 'texts.yearlyQuestion', 'texts.left'],
    z.string(),
  ),
  settingOf(
    [
      'texts.welcomeMail',
      'texts.requestMail',
      'texts.approvedMail',
      'texts.joinedMail',
      'texts.refusedMail',
      'texts.correctedMail',
      'texts.declinedMail',
      'texts.uncorrectedMail',
      'texts.deadNumberMail',
      'texts.resumedMail',
      'texts.duesCallMail',
      'texts.duesReminderMail',
      'texts.duesRestoredMail',
    ],
    MailTexts,
  ),
  settingOf(['observers.add', 'observers.change', 'observers.remove'], StoredObserver),
  settingOf(
    ['magistrates.add', 'magistrates.change'],
    StoredPerson.pick({
      name: true,
      role: true,
      service: true,
      userId: true,
      agencyId: true,
      phone: true,
      mail: true,
    }),
  ),
  settingOf(
    [
      'dues.creditor.name',
      'dues.creditor.iban',
      'dues.creditor.bic',
      'dues.creditor.sepaId',
      'dues.creditor.chequeOrder',
      'dues.creditor.address',
      'dues.creditor.siret',
      'dues.creditor.receiptNote',
      'dues.creditor.vat',
      'dues.creditor.vatNumber',
      'dues.creditor.vatReason',
    ],
    z.string(),
  ),
  settingOf(['dues.rule'], DuesSettings.shape.rule.unwrap()),
  settingOf(['dues.ruleAfterDays', 'messages.aloneMax'], z.number()),
  settingOf(['dues.remindAfterDays'], DuesSettings.shape.remindAfterDays.unwrap()),
  settingOf(['dues.sms'], z.boolean()),
  settingOf(['dues.fees'], DuesSettings.shape.fees.unwrap()),
  settingOf(['dues.accounts'], DuesSettings.shape.accounts.unwrap()),
  settingOf(['enrolment.autoApprove'], EnrolmentSettings.shape.autoApprove.unwrap()),
  settingOf(['enrolment.codeBudgets'], EnrolmentSettings.shape.codeBudgets.unwrap()),
  settingOf(['enrolment.destinations'], EnrolmentSettings.shape.destinations.unwrap()),
  settingOf(['access.signIn'], AccessSettings.shape.signIn.unwrap()),
  settingOf(['access.organisations'], AccessSettings.shape.organisations.unwrap()),
  partOf(
    ['role_chief.given', 'role_chamber.given', 'role_magistrate.given'],
    StoredRole.pick({ role: true, agencyId: true }),
    StoredRole,
  ),
])
export type SettingPartView = z.infer<typeof SettingPartView>

/** A change of settings that one account proposed. */
export const SettingChangeView = SettingChangeFacts.extend({ parts: z.array(SettingPartView) })
export type SettingChangeView = z.infer<typeof SettingChangeView>

/** GET /api/schemes/:scheme/setting-changes */
export const SettingChangeList = z.object({
  /** Pending changes, oldest first. */
  waiting: z.array(SettingChangeView),
  /** Changes that were decided or expired, latest first. */
  past: z.array(SettingChangeView),
  rules: z.array(SettingRuleView),
  coolingHours: z.number(),
})
export type SettingChangeList = z.infer<typeof SettingChangeList>

nameSchemas({ SettingChangeList, SettingChangeView, SettingPartView })
