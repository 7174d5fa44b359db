import { readablePhone } from '../../message/phone.ts'
import type { PrivacyFacts } from './contract.ts'
import { periodText } from './period.ts'

/** A part of the privacy notice, in words. */
export interface NoticePart {
  readonly id: string
  readonly title: string
  readonly lines: readonly string[]
}

/**
 * Writes the privacy notice of a scheme (GDPR articles 13 and 14) according to its settings: for the public page and for paper, by the
 * texts `privacy.*` of each.
 * @param t returns a text in the language of `lang`
 */
export function writeNotice(
  facts: PrivacyFacts,
  t: (key: NoticeKey, values?: Readonly<Record<string, string | number>>) => string,
  lang: 'fr' | 'en',
): readonly NoticePart[] {
  const { chamber, contact, days, sender } = facts
  const dpo = [contact.dpo.name, ...reachedBy(contact.dpo)].filter((value) => value !== '')
  const period = (count: number) => periodText(lang, count)
  const forces = new Intl.ListFormat(lang, { type: 'conjunction' }).format(
    facts.forces.length === 0 ? [t('privacy.forces')] : facts.forces,
  )
  return [
    {
      id: 'qui',
      title: t('privacy.who'),
      lines: [
        t('privacy.who.list', { chamber: [chamber, ...reachedBy(contact.chamber)].join(', ') }),
        ...(dpo.length === 0 ? [] : [t('privacy.who.dpo', { dpo: dpo.join(', ') })]),
        t('privacy.who.forces', { forces }),
      ],
    },
    {
      id: 'pourquoi',
      title: t('privacy.why'),
      lines: [
        t('privacy.why.alert', { sender }),
        t('privacy.why.charter'),
        t('privacy.why.listed'),
        ...(facts.dues ? [t('privacy.why.dues')] : []),
        t('privacy.why.service'),
        ...(facts.reconfirmation ? [t('privacy.why.reconfirmation')] : []),
        ...(facts.leakTracing ? [t('privacy.why.tracing')] : []),
      ],
    },
    {
      id: 'quoi',
      title: t('privacy.which'),
      lines: [
        t('privacy.which.business'),
        t('privacy.which.people'),
        t('privacy.which.chamber'),
        t('privacy.which.enrolment'),
        t('privacy.which.portal'),
        t('privacy.which.messages'),
        t('privacy.which.service'),
        ...(facts.dues ? [t('privacy.which.dues')] : []),
        ...(facts.dues && facts.debit ? [t('privacy.which.debit')] : []),
        ...(facts.dues && facts.card ? [t('privacy.which.card')] : []),
        t('privacy.which.requests'),
        t('privacy.which.source', { chamber }),
      ],
    },
    {
      id: 'destinataires',
      title: t('privacy.whom'),
      lines: [
        t('privacy.whom.chamber', { chamber }),
        t('privacy.whom.forces', { forces }),
        t('privacy.whom.provider'),
        ...(facts.mail ? [t('privacy.whom.mail')] : []),
        ...(facts.dues && facts.debit ? [t('privacy.whom.bank', { chamber })] : []),
        ...(facts.dues && facts.card ? [t('privacy.whom.card')] : []),
        t('privacy.whom.nobody'),
      ],
    },
    {
      id: 'duree',
      title: t('privacy.howLong'),
      lines: [
        t('privacy.howLong.member', { period: period(days.member) }),
        t('privacy.howLong.refused', { period: period(days.refused) }),
        t('privacy.howLong.session', { period: period(days.session) }),
        t('privacy.howLong.deliveries', { period: period(days.deliveries) }),
        t('privacy.howLong.reports', { period: period(days.reports) }),
        t('privacy.howLong.look', { period: period(days.look) }),
        t('privacy.howLong.network', { period: period(days.network) }),
        t('privacy.howLong.messages', { period: period(days.messages) }),
        ...(facts.dues
          ? [
              t('privacy.howLong.dues'),
              t('privacy.howLong.notice', { period: period(days.notice) }),
              t('privacy.howLong.statement', { period: period(days.statement) }),
            ]
          : []),
        ...(facts.dues && facts.debit
          ? [t('privacy.howLong.mandate', { period: period(days.mandate) })]
          : []),
        t('privacy.howLong.request', { period: period(days.request) }),
      ],
    },
    {
      id: 'droits',
      title: t('privacy.rights'),
      lines: [
        t('privacy.rights.portal'),
        t('privacy.rights.chamber', { chamber }),
        t('privacy.rights.stop'),
        t('privacy.rights.cnil'),
      ],
    },
  ]
}

function reachedBy(contact: { phone: string; mail: string; address?: string }): string[] {
  const { address = '', phone, mail } = contact
  return [address, phone === '' ? '' : readablePhone(phone), mail].filter((value) => value !== '')
}

export type NoticeKey =
  | 'privacy.forces'
  | 'privacy.howLong'
  | 'privacy.howLong.deliveries'
  | 'privacy.howLong.dues'
  | 'privacy.howLong.look'
  | 'privacy.howLong.mandate'
  | 'privacy.howLong.member'
  | 'privacy.howLong.messages'
  | 'privacy.howLong.network'
  | 'privacy.howLong.notice'
  | 'privacy.howLong.refused'
  | 'privacy.howLong.reports'
  | 'privacy.howLong.request'
  | 'privacy.howLong.session'
  | 'privacy.howLong.statement'
  | 'privacy.rights'
  | 'privacy.rights.chamber'
  | 'privacy.rights.cnil'
  | 'privacy.rights.portal'
  | 'privacy.rights.stop'
  | 'privacy.which'
  | 'privacy.which.business'
  | 'privacy.which.card'
  | 'privacy.which.chamber'
  | 'privacy.which.debit'
  | 'privacy.which.dues'
  | 'privacy.which.enrolment'
  | 'privacy.which.messages'
  | 'privacy.which.people'
  | 'privacy.which.portal'
  | 'privacy.which.requests'
  | 'privacy.which.service'
  | 'privacy.which.source'
  | 'privacy.who'
  | 'privacy.who.dpo'
  | 'privacy.who.forces'
  | 'privacy.who.list'
  | 'privacy.whom'
  | 'privacy.whom.bank'
  | 'privacy.whom.card'
  | 'privacy.whom.chamber'
  | 'privacy.whom.forces'
  | 'privacy.whom.mail'
  | 'privacy.whom.nobody'
  | 'privacy.whom.provider'
  | 'privacy.why'
  | 'privacy.why.alert'
  | 'privacy.why.charter'
  | 'privacy.why.dues'
  | 'privacy.why.listed'
  | 'privacy.why.reconfirmation'
  | 'privacy.why.service'
  | 'privacy.why.tracing'
