import { useQuery } from '@tanstack/react-query'
import { MEMBER_MAIL_NAMES, type MemberMail } from '../../../../src/i18n/member-mails.ts'
import type { Region } from '../../../../src/identity/codes/regions.ts'
import { readablePhone } from '../../../../src/message/phone.ts'
import type { OnCallRole } from '../../../../src/on-call/contract.ts'
import type { CategoryFields, CategoryItem } from '../../../../src/schemes/categories/contract.ts'
import type { AccessSettings, MailTexts } from '../../../../src/schemes/contract.ts'
import type { SettingChangeView, SettingPartView } from '../../../../src/settings/contract.ts'
import { isSame, type SettingName } from '../../../../src/settings/rules.ts'
import type { Area } from '../../../../src/territory/contract.ts'
import { schemeQuery } from '../../../api/queries.ts'
import { labelOf, type TextKey, useText } from '../../../ui/format/text.ts'
import { type RoleName, useCurrent } from '../../shell/current.tsx'
import { type SettingPath, settingNames } from '../doctrine/draft.ts'
import { useSettingWords } from '../doctrine/words.ts'
import { REGION_NAMES } from '../membership/regions.ts'
import { SIGN_IN_ROLES } from '../people/signInRoles.ts'
import { territoryWords } from '../scheme/territory.ts'
import { categoriesQuery } from '../texts/queries.ts'
import { LEVELS, SEVERITIES } from '../texts/words.ts'

/** One line of a change: the setting, and its value before and after as people read it. */
export interface Difference {
  readonly name: string
  readonly before: string
  readonly after: string
}

const CREDITOR = {
  name: 'dues.settings.creditor.name',
  iban: 'dues.settings.creditor.iban',
  bic: 'dues.settings.creditor.bic',
  sepaId: 'dues.settings.creditor.sepaId',
  chequeOrder: 'dues.settings.creditor.chequeOrder',
} as const satisfies Record<string, TextKey>
const RULES = {
  none: 'dues.settings.rule.none',
  warn: 'dues.settings.rule.warn',
  suspend: 'dues.settings.rule.suspend',
} as const satisfies Record<string, TextKey>

/** Names of settings that have no form of their own with a label. */
const NAMES = {
  'observers.add': 'settingChange.setting.observers.add',
  'observers.change': 'settingChange.setting.observers.change',
  'observers.remove': 'settingChange.setting.observers.change',
  'magistrates.add': 'settingChange.setting.magistrates.add',
  'magistrates.change': 'settingChange.setting.magistrates.change',
  'dues.ruleAfterDays': 'settingChange.setting.dues.ruleAfterDays',
  'messages.aloneMax': 'messages.settings.alone',
  'scheme.name': 'settings.scheme.name',
  'scheme.sender': 'settings.scheme.sender',
  'scheme.closingAdvice': 'settings.scheme.closingAdvice',
  'scheme.timeZone': 'settings.scheme.timeZone',
  'scheme.referencePrefix': 'settings.scheme.prefix',
  'scheme.chamber': 'settings.scheme.chamber',
} as const satisfies Partial<Record<SettingPartView['setting'], TextKey>>

/** Returns the differences of a change in plain words. */
export function useDifferences(): (change: Pick<SettingChangeView, 'parts' | 'accounts'>) => Difference[] {
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
  const text = (value: unknown) =>
    value === '' || value === null || value === undefined ? nothing : String(value)
  const agency = (is: (one: (typeof agencies)[number]) => boolean) => agencies.find(is)?.name
  const observer = (value: unknown) => {
    if (value === null || value === undefined) return nothing
    const { name, phone, agency: code } = value as Fields
    return join([name, phone && readablePhone(phone), code && agency((one) => one.code === code)])
  }
  const magistrate = (value: unknown, accounts: SettingChangeView['accounts']) => {
    if (value === null || value === undefined) return nothing
    const { name, role, service, userId, agencyId, phone, mail } = value as Fields
    const account = userId && accounts[userId]
    return join([
      name,
      role && t(`settings.onCall.role.${role as OnCallRole}`),
      service,
      agencyId && agency((one) => one.id === agencyId),
      phone && readablePhone(phone),
      mail,
      account && t('settings.onCall.account.of', { name: account }),
      userId && !account && t('settings.onCall.account.closed'),
      !userId && t('settings.onCall.account.without'),
    ])
  }

  const role = (value: unknown) => {
    if (value === null || value === undefined) return nothing
    const { role: name, agencyId } = value as { role: RoleName; agencyId: string | null }
    return join([t(`people.role.${name}`), agencyId && agency((one) => one.id === agencyId)])
  }

  const doctrine = ({ setting, before, after }: SettingPartView): Difference[] => {
    const key = setting.slice('doctrine.'.length)
    return (Object.keys(settingNames) as SettingPath[])
      .filter((path) => path === key || path.startsWith(`${key}.`))
      .map((path) => {
        const [was, is] = [inside(before, path, key), inside(after, path, key)]
        return { path, was, is }
      })
      .filter(({ was, is }) => !isSame(was, is))
      .map(({ path, was, is }) => ({
        name: t(settingNames[path]),
        before: settingWords(path, was),
        after: settingWords(path, is),
      }))
  }

  const texts = (setting: TextSetting, { before, after }: SettingPartView): Difference[] => {
    const words = (value: unknown) => (value === '' ? t('texts.welcome.isStandard') : text(value))
    if (!isMailSetting(setting)) return [{ name: t(setting), before: words(before), after: words(after) }]
    return MAIL_PARTS.map(({ key, of }) => ({ key, was: of(before), is: of(after) }))
      .filter(({ was, is }) => was !== is)
      .map(({ key, was, is }) => ({
        name: t(key, { mail: t(setting) }),
        before: words(was),
        after: words(is),
      }))
  }

  const signIn = ({ before, after }: SettingPartView): Difference[] =>
    SIGN_IN_ROLES.map((role) => ({ role, was: needAt(before, role), is: needAt(after, role) }))
      .filter(({ was, is }) => was !== is)
      .map(({ role, was, is }) => ({
        name: t(`people.role.${role}`),
        before: t(`access.need.${was}`),
        after: t(`access.need.${is}`),
      }))

  const destinations = (value: unknown) => {
    if (value === null) return t('settings.destinations.byTerritory')
    return new Intl.ListFormat(lang).format((value as Region[]).map((region) => t(REGION_NAMES[region])))
  }
  const organisations = (value: unknown) => {
    const all = value as AccessSettings['organisations']
    if (all.length === 0) return nothing
    return all.map(({ agency: code, siret }) => join([agency((one) => one.code === code), siret])).join(', ')
  }

  /** Settings whose value is no text that people read. */
  const translated: Partial<Record<SettingName, { name: TextKey; words: (value: unknown) => string }>> = {
    'dues.rule': { name: 'dues.settings.rule', words: (value) => t(RULES[value as keyof typeof RULES]) },
    'scheme.territory': {
      name: 'settings.scheme.territory',
      words: (value) => territoryWords(t, lang, value as Area),
    },
    'enrolment.autoApprove': {
      name: 'enrolments.auto',
      words: (value) => t(value === 'verified' ? 'settings.on' : 'settings.off'),
    },
    'enrolment.destinations': { name: 'settings.destinations', words: destinations },
    'access.organisations': { name: 'access.organisations', words: organisations },
  }

  /** Returns the name and the words of a setting that is one line. */
  const lineOf = ({ setting, after }: SettingPartView, accounts: SettingChangeView['accounts']) => {
    const found = translated[setting]
    if (found !== undefined) return { name: t(found.name), words: found.words }
    if (setting.startsWith('role_')) {
      const { name, mail } = after as Fields
      return {
        name: t('settingChange.setting.role', { name: name ?? '', mail: mail ?? '' }),
        words: role,
      }
    }
    if (setting.startsWith('dues.creditor.')) {
      const key = CREDITOR[setting.slice('dues.creditor.'.length) as keyof typeof CREDITOR]
      return { name: t(key), words: text }
    }
    const name = t(NAMES[setting as keyof typeof NAMES])
    if (setting.startsWith('observers.')) return { name, words: observer }
    if (setting.startsWith('magistrates.'))
      return { name, words: (value: unknown) => magistrate(value, accounts) }
    return { name, words: text }
  }

  return ({ parts, accounts }) =>
    parts.flatMap((part): Difference[] => {
      const { setting, before, after } = part
      if (setting.startsWith('doctrine.')) return doctrine(part)
      if (setting.startsWith('categories.')) return categories(part)
      if (setting === 'access.signIn') return signIn(part)
      if (isTextSetting(setting)) return texts(setting, part)
      const { name, words } = lineOf(part, accounts)
      return [{ name, before: words(before), after: words(after) }]
    })
}

type CategoryPart = Partial<CategoryFields> & { readonly code: string }
const CATEGORY_FIELDS = {
  labelFr: 'texts.labelFr',
  severity: 'texts.severity',
  level: 'texts.level',
  template: 'texts.template',
} as const satisfies Partial<Record<keyof CategoryFields, TextKey>>

/** Returns the differences of a change of the categories. */
function useCategoryDifferences(
  categories: readonly Pick<CategoryItem, 'code' | 'labelFr' | 'labelEn'>[],
): (part: SettingPartView) => Difference[] {
  const { t, lang } = useText()
  const nothing = t('settingChange.nothing')
  const words = (
    field: keyof typeof CATEGORY_FIELDS,
    { labelFr, severity, level, template }: CategoryPart,
  ) => {
    if (field === 'labelFr') return labelFr ?? nothing
    if (field === 'template') return template ?? nothing
    if (field === 'severity') return severity === undefined ? nothing : t(SEVERITIES[severity])
    return level === undefined ? nothing : t(LEVELS[level])
  }
  return ({ setting, before, after }) => {
    const [was, is] = [before, after] as [CategoryPart | null, CategoryPart | null]
    if (setting === 'categories.change') {
      const found = categories.find(({ code }) => code === is?.code)
      const name = found === undefined ? (is?.code ?? '') : labelOf(lang, found)
      return (Object.keys(CATEGORY_FIELDS) as (keyof typeof CATEGORY_FIELDS)[])
        .filter((field) => was?.[field] !== is?.[field])
        .map((field) => ({
          name: t('settingChange.setting.categories.field', { name, field: t(CATEGORY_FIELDS[field]) }),
          before: was === null ? nothing : words(field, was),
          after: is === null ? nothing : words(field, is),
        }))
    }
    const all = (one: CategoryPart) =>
      join([one.labelFr, words('severity', one), words('level', one), words('template', one)])
    if (setting === 'categories.add')
      return [
        {
          name: t('settingChange.setting.categories.add'),
          before: nothing,
          after: is === null ? nothing : all(is),
        },
      ]
    const use = (one: CategoryPart | null) => {
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

function needAt(value: unknown, role: (typeof SIGN_IN_ROLES)[number]) {
  return (value as AccessSettings['signIn'])[role]
}

type Fields = Readonly<Record<string, string | null | undefined>>

const join = (parts: readonly (string | false | null | undefined)[]) => parts.filter(Boolean).join(' · ')

/** Returns the value at a path inside a part of the doctrine. */
function inside(value: unknown, path: string, key: string): unknown {
  let found = value
  for (const name of path === key ? [] : path.slice(key.length + 1).split('.'))
    found = (found as Record<string, unknown> | undefined)?.[name]
  return found
}

/** The parts of a mail that a scheme words. */
const MAIL_PARTS = [
  { key: 'texts.mail.subject.fr', of: (value) => (value as MailTexts).fr.subject },
  { key: 'texts.mail.body.fr', of: (value) => (value as MailTexts).fr.body },
  { key: 'texts.mail.subject.en', of: (value) => (value as MailTexts).en.subject },
  { key: 'texts.mail.body.en', of: (value) => (value as MailTexts).en.body },
] as const satisfies readonly { key: TextKey; of: (value: unknown) => string }[]

function isMailSetting(setting: SettingName): setting is `texts.${MemberMail}` {
  return MEMBER_MAIL_NAMES.some((mail) => setting === `texts.${mail}`)
}

type TextSetting = Extract<SettingName, `texts.${string}`>

/** Whether a setting is a text of service. */
function isTextSetting(setting: SettingName): setting is TextSetting {
  return setting.startsWith('texts.')
}
