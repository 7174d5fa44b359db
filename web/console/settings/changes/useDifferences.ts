import { useQuery } from '@tanstack/react-query'
import { readablePhone } from '../../../../src/message/phone.ts'
import type { CategoryItem } from '../../../../src/schemes/categories/contract.ts'
import type { MailTexts } from '../../../../src/schemes/contract.ts'
import { isSame } from '../../../../src/settings/rules.ts'
import { schemeQuery } from '../../../api/queries.ts'
import { labelOf, type TextKey, useText } from '../../../ui/format/text.ts'
import { useCurrent } from '../../shell/current.tsx'
import { pathsOf, type SettingPath, settingNames } from '../doctrine/draft.ts'
import { useSettingWords } from '../doctrine/words.ts'
import { REGION_NAMES } from '../membership/regions.ts'
import { SIGN_IN_ROLES } from '../people/signInRoles.ts'
import { territoryWords } from '../scheme/territory.ts'
import { categoriesQuery } from '../texts/queries.ts'
import { LEVELS, SEVERITIES } from '../texts/words.ts'
import type { SettingChange } from './queries.ts'

type Part = SettingChange['parts'][number]
/** The parts that a setting may be in. */
type PartOf<Name extends Part['setting'], One = Part> = One extends { readonly setting: infer Names }
  ? Name extends Names
    ? One
    : never
  : never
type ValueOf<Name extends Part['setting']> = PartOf<Name>['before'] | PartOf<Name>['after']

/** One line of a change: the setting, and its value before and after as people read it. */
export interface Difference {
  readonly name: string
  readonly before: string
  readonly after: string
}

/** Names of the settings whose value is a text or a number. */
const PLAIN = {
  'dues.creditor.name': 'dues.settings.creditor.name',
  'dues.creditor.iban': 'dues.settings.creditor.iban',
  'dues.creditor.bic': 'dues.settings.creditor.bic',
  'dues.creditor.sepaId': 'dues.settings.creditor.sepaId',
  'dues.creditor.chequeOrder': 'dues.settings.creditor.chequeOrder',
  'dues.ruleAfterDays': 'settingChange.setting.dues.ruleAfterDays',
  'messages.aloneMax': 'messages.settings.alone',
  'scheme.name': 'settings.scheme.name',
  'scheme.sender': 'settings.scheme.sender',
  'scheme.closingAdvice': 'settings.scheme.closingAdvice',
  'scheme.timeZone': 'settings.scheme.timeZone',
  'scheme.referencePrefix': 'settings.scheme.prefix',
  'scheme.chamber': 'settings.scheme.chamber',
} as const satisfies Partial<Record<Part['setting'], TextKey>>
/** Names of the changes of rows. */
const ROWS = {
  'observers.add': 'settingChange.setting.observers.add',
  'observers.change': 'settingChange.setting.observers.change',
  'observers.remove': 'settingChange.setting.observers.change',
  'magistrates.add': 'settingChange.setting.magistrates.add',
  'magistrates.change': 'settingChange.setting.magistrates.change',
} as const satisfies Partial<Record<Part['setting'], TextKey>>
const RULES = {
  none: 'dues.settings.rule.none',
  warn: 'dues.settings.rule.warn',
  suspend: 'dues.settings.rule.suspend',
} as const satisfies Record<string, TextKey>

/** Returns the differences of a change in plain words. */
export function useDifferences(): (change: Pick<SettingChange, 'parts' | 'accounts'>) => Difference[] {
  const { t, lang } = useText()
  const current = useCurrent()
  const scheme = useQuery(schemeQuery(current.scheme.id)).data
  const listed = useQuery({
    ...categoriesQuery(current.scheme.id),
    enabled: current.may('doctrine.read'),
  }).data
  const agencies = scheme?.agencies ?? []
  const categories = useCategoryDifferences(listed?.categories ?? scheme?.categories ?? [])
  const settingWords = useSettingWords()
  const nothing = t('settingChange.nothing')
  const text = (value: string | number | null) => (value === '' || value === null ? nothing : String(value))
  const agency = (is: (one: (typeof agencies)[number]) => boolean) => agencies.find(is)?.name
  const observer = (value: ValueOf<'observers.add'>) => {
    if (value === null) return nothing
    const { name, phone, agency: code } = value
    return join([name, readablePhone(phone), code && agency((one) => one.code === code)])
  }
  const magistrate = (value: ValueOf<'magistrates.add'>, accounts: SettingChange['accounts']) => {
    if (value === null) return nothing
    const { name, role, service, userId, agencyId, phone, mail } = value
    const account = userId && accounts[userId]
    return join([
      name,
      t(`settings.onCall.role.${role}`),
      service,
      agencyId && agency((one) => one.id === agencyId),
      phone && readablePhone(phone),
      mail,
      account && t('settings.onCall.account.of', { name: account }),
      userId && !account && t('settings.onCall.account.closed'),
      !userId && t('settings.onCall.account.without'),
    ])
  }

  const role = (value: PartOf<'role_chief.given'>['before']) => {
    if (value === null) return nothing
    const { role: name, agencyId } = value
    return join([t(`people.role.${name}`), agencyId && agency((one) => one.id === agencyId)])
  }

  const doctrine = ({ setting, before, after }: DoctrinePart): Difference[] => {
    const key = setting.slice('doctrine.'.length)
    return pathsOf(settingNames)
      .filter((path) => path === key || path.startsWith(`${key}.`))
      .map((path) => ({ path, was: inside(before, path, key), is: inside(after, path, key) }))
      .filter(({ was, is }) => !isSame(was, is))
      .map(({ path, was, is }) => ({
        name: t(settingNames[path]),
        before: settingWords(path, was),
        after: settingWords(path, is),
      }))
  }

  const signIn = ({ before, after }: PartOf<'access.signIn'>): Difference[] =>
    SIGN_IN_ROLES.map((name) => ({ name, was: before?.[name] ?? 'any', is: after?.[name] ?? 'any' }))
      .filter(({ was, is }) => was !== is)
      .map(({ name, was, is }) => ({
        name: t(`people.role.${name}`),
        before: t(`access.need.${was}`),
        after: t(`access.need.${is}`),
      }))

  const serviceText = (value: string) => (value === '' ? t('texts.welcome.isStandard') : value)
  const mail = ({ setting, before, after }: MailPart): Difference[] =>
    MAIL_PARTS.map(({ key, of }) => ({ key, was: textIn(before, of), is: textIn(after, of) }))
      .filter(({ was, is }) => was !== is)
      .map(({ key, was, is }) => ({
        name: t(key, { mail: t(setting) }),
        before: serviceText(was),
        after: serviceText(is),
      }))

  const destinations = (value: ValueOf<'enrolment.destinations'>) =>
    value === null
      ? t('settings.destinations.byTerritory')
      : new Intl.ListFormat(lang).format(value.map((region) => t(REGION_NAMES[region])))
  const organisations = (value: ValueOf<'access.organisations'>) =>
    value === null || value.length === 0
      ? nothing
      : value.map(({ agency: code, siret }) => join([agency((one) => one.code === code), siret])).join(', ')

  const differencesOf = (part: Part, accounts: SettingChange['accounts']): Difference[] => {
    if (part.unreadable) return lineOf(t('settingChange.unreadable'), nothing, nothing)
    switch (part.setting) {
      case 'doctrine.approval':
      case 'doctrine.unansweredMinutes':
      case 'doctrine.emergencyOverride':
      case 'doctrine.closingMessage':
      case 'doctrine.leakTracing':
      case 'doctrine.descriptionLevel':
      case 'doctrine.lateAfterMinutes':
      case 'doctrine.nextCallSeconds':
      case 'doctrine.cancelWindowSeconds':
      case 'doctrine.outsideZone':
      case 'doctrine.care':
        return doctrine(part)
      case 'categories.add':
      case 'categories.change':
      case 'categories.label':
      case 'categories.remove':
      case 'categories.restore':
        return categories(part)
      case 'observers.add':
      case 'observers.change':
      case 'observers.remove':
        return lineOf(t(ROWS[part.setting]), observer(part.before), observer(part.after))
      case 'magistrates.add':
      case 'magistrates.change':
        return lineOf(
          t(ROWS[part.setting]),
          magistrate(part.before, accounts),
          magistrate(part.after, accounts),
        )
      case 'dues.rule': {
        const rule = (value: ValueOf<'dues.rule'>) => (value === null ? nothing : t(RULES[value]))
        return lineOf(t('dues.settings.rule'), rule(part.before), rule(part.after))
      }
      case 'scheme.territory': {
        const area = (value: ValueOf<'scheme.territory'>) =>
          value === null ? nothing : territoryWords(t, lang, value)
        return lineOf(t('settings.scheme.territory'), area(part.before), area(part.after))
      }
      case 'enrolment.autoApprove': {
        const state = (value: ValueOf<'enrolment.autoApprove'>) =>
          t(value === 'verified' ? 'settings.on' : 'settings.off')
        return lineOf(t('enrolments.auto'), state(part.before), state(part.after))
      }
      case 'enrolment.destinations':
        return lineOf(t('settings.destinations'), destinations(part.before), destinations(part.after))
      case 'access.signIn':
        return signIn(part)
      case 'access.organisations':
        return lineOf(t('access.organisations'), organisations(part.before), organisations(part.after))
      case 'role_chief.given':
      case 'role_chamber.given':
      case 'role_magistrate.given': {
        const of = { name: part.after?.name ?? '', mail: part.after?.mail ?? '' }
        return lineOf(t('settingChange.setting.role', of), role(part.before), role(part.after))
      }
      case 'texts.welcome':
      case 'texts.duesCall':
      case 'texts.duesReminder':
      case 'texts.yearlyQuestion':
      case 'texts.left':
        return lineOf(t(part.setting), serviceText(part.before ?? ''), serviceText(part.after ?? ''))
      case 'scheme.name':
      case 'scheme.sender':
      case 'scheme.closingAdvice':
      case 'scheme.timeZone':
      case 'scheme.referencePrefix':
      case 'scheme.chamber':
      case 'dues.creditor.name':
      case 'dues.creditor.iban':
      case 'dues.creditor.bic':
      case 'dues.creditor.sepaId':
      case 'dues.creditor.chequeOrder':
      case 'dues.ruleAfterDays':
      case 'messages.aloneMax':
        return lineOf(t(PLAIN[part.setting]), text(part.before), text(part.after))
      case 'scheme.languages':
      case 'scheme.alertLifetimeHours':
      case 'scheme.smsPriceMillicents':
      case 'dues.creditor.address':
      case 'dues.creditor.siret':
      case 'dues.creditor.receiptNote':
      case 'dues.creditor.vat':
      case 'dues.creditor.vatNumber':
      case 'dues.creditor.vatReason':
      case 'dues.remindAfterDays':
      case 'dues.sms':
      case 'dues.fees':
      case 'dues.accounts':
      case 'enrolment.codeBudgets':
        // They are in force at once, so that no change waits with one of them.
        return []
      default:
        return mail(part)
    }
  }
  return ({ parts, accounts }) => parts.flatMap((part) => differencesOf(part, accounts))
}

function lineOf(name: string, before: string, after: string): Difference[] {
  return [{ name, before, after }]
}

type DoctrinePart = Extract<Part, { setting: `doctrine.${string}` }>
type MailPart = PartOf<'texts.welcomeMail'>
type CategoryPart = PartOf<'categories.add'>
type CategoryValue = NonNullable<CategoryPart['after']>
const CATEGORY_FIELDS = {
  labelFr: 'texts.labelFr',
  severity: 'texts.severity',
  level: 'texts.level',
  template: 'texts.template',
} as const satisfies Partial<Record<keyof CategoryValue, TextKey>>

const CATEGORY_NAMES = [
  'labelFr',
  'severity',
  'level',
  'template',
] as const satisfies readonly (keyof typeof CATEGORY_FIELDS)[]

/** Returns the differences of a change of the categories. */
function useCategoryDifferences(
  categories: readonly Pick<CategoryItem, 'code' | 'labelFr' | 'labelEn'>[],
): (part: CategoryPart) => Difference[] {
  const { t, lang } = useText()
  const nothing = t('settingChange.nothing')
  const words = (
    field: keyof typeof CATEGORY_FIELDS,
    { labelFr, severity, level, template }: CategoryValue,
  ) => {
    if (field === 'labelFr') return labelFr ?? nothing
    if (field === 'template') return template ?? nothing
    if (field === 'severity') return severity === undefined ? nothing : t(SEVERITIES[severity])
    return level === undefined ? nothing : t(LEVELS[level])
  }
  return ({ setting, before: was, after: is }) => {
    if (setting === 'categories.change') {
      const found = categories.find(({ code }) => code === is?.code)
      const name = found === undefined ? (is?.code ?? '') : labelOf(lang, found)
      return CATEGORY_NAMES.filter((field) => was?.[field] !== is?.[field]).map((field) => ({
        name: t('settingChange.setting.categories.field', { name, field: t(CATEGORY_FIELDS[field]) }),
        before: was === null ? nothing : words(field, was),
        after: is === null ? nothing : words(field, is),
      }))
    }
    const all = (one: CategoryValue) =>
      join([one.labelFr, words('severity', one), words('level', one), words('template', one)])
    if (setting === 'categories.add')
      return [
        {
          name: t('settingChange.setting.categories.add'),
          before: nothing,
          after: is === null ? nothing : all(is),
        },
      ]
    const use = (one: CategoryValue | null) => {
      if (one === null) return t('settingChange.category.notInUse')
      const inUse = t('settingChange.category.inUse')
      // A category that is put in use again is shown with its texts, like a new one.
      return setting === 'categories.restore' ? join([inUse, all(one)]) : inUse
    }
    const name = (was ?? is)?.labelFr ?? ''
    return [
      {
        name: t('settingChange.setting.categories.remove', { name }),
        before: use(was),
        after: use(is),
      },
    ]
  }
}

const join = (parts: readonly (string | false | null | undefined)[]) => parts.filter(Boolean).join(' · ')

/** Returns the value at a path inside a part of the doctrine. */
function inside(value: unknown, path: SettingPath, key: string): unknown {
  const names = path === key ? [] : path.slice(key.length + 1).split('.')
  return names.reduce<unknown>((found, name) => (isFields(found) ? found[name] : undefined), value)
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

/** The parts of a mail that a scheme words. */
const MAIL_PARTS = [
  { key: 'texts.mail.subject.fr', of: ({ fr }) => fr.subject },
  { key: 'texts.mail.body.fr', of: ({ fr }) => fr.body },
  { key: 'texts.mail.subject.en', of: ({ en }) => en.subject },
  { key: 'texts.mail.body.en', of: ({ en }) => en.body },
] as const satisfies readonly { key: TextKey; of: (texts: MailTexts) => string }[]

function textIn(texts: MailTexts | null, of: (texts: MailTexts) => string): string {
  return texts === null ? '' : of(texts)
}
