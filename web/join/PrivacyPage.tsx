import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { readablePhone } from '../../src/message/phone.ts'
import type { PrivacyFacts } from '../../src/privacy/retention/contract.ts'
import { periodText } from '../../src/privacy/retention/period.ts'
import { aboutQuery } from '../api/queries.ts'
import { Frame } from '../start/Frame.tsx'
import { Calls17 } from '../ui/Call17.tsx'
import { usePageTitle } from '../ui/Page.tsx'
import { useText } from '../ui/text.ts'
import classes from './Join.module.css'
import { privacyQuery } from './queries.ts'
import { NoScheme } from './SchemePage.tsx'

/** The scheme's privacy notice, according to its settings. */
export function PrivacyPage() {
  const { t } = useText()
  const { scheme: schemeId } = useParams({ from: '/dispositif/$scheme/donnees' })
  const demo = useQuery(aboutQuery).data?.demo ?? false
  const facts = useQuery(privacyQuery(schemeId))
  usePageTitle(t('privacy.title'))
  return (
    <Frame demo={demo} schemeId={schemeId}>
      <div className={classes.page}>
        {facts.isPending && <Skeleton height="100vh" radius="lg" />}
        {facts.isError && <NoScheme error={facts.error} retry={() => void facts.refetch()} />}
        {facts.data !== undefined && <Notice facts={facts.data} />}
        <p>
          <Link to="/dispositif/$scheme" params={{ scheme: schemeId }} className={classes.link}>
            {t('privacy.back')}
          </Link>
        </p>
      </div>
    </Frame>
  )
}

function Notice({ facts }: { facts: PrivacyFacts }) {
  const { t, lang } = useText()
  const { chamber, contact, days, sender } = facts
  const dpo = [contact.dpo.name, ...reachedBy(contact.dpo)].filter((value) => value !== '')
  const period = (count: number) => periodText(lang, count)
  const forces = new Intl.ListFormat(lang, { type: 'conjunction' }).format(
    facts.forces.length === 0 ? [t('privacy.forces')] : facts.forces,
  )
  const parts: readonly { id: string; title: string; lines: readonly string[] }[] = [
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
        t('privacy.which.messages'),
        t('privacy.which.service'),
        ...(facts.dues ? [t('privacy.which.dues')] : []),
        ...(facts.dues && facts.debit ? [t('privacy.which.debit')] : []),
        ...(facts.dues && facts.card ? [t('privacy.which.card')] : []),
        t('privacy.which.requests'),
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
  return (
    <>
      <div>
        <h1>{t('privacy.title')}</h1>
        <p className={classes.lead}>{facts.name}</p>
      </div>
      {parts.map(({ id, title, lines }) => (
        <section key={id} aria-labelledby={id}>
          <h2 id={id}>{title}</h2>
          <ul className={classes.list}>
            {lines.map((line) => (
              <li key={line}>
                <Calls17 text={line} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  )
}

function reachedBy(contact: { phone: string; mail: string; address?: string }): string[] {
  const { address = '', phone, mail } = contact
  return [address, phone === '' ? '' : readablePhone(phone), mail].filter((value) => value !== '')
}
