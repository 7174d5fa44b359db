import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import type { PrivacyFacts } from '../../../src/privacy/retention/contract.ts'
import { writeNotice } from '../../../src/privacy/retention/notice.ts'
import { aboutQuery } from '../../api/queries.ts'
import { Frame } from '../../start/Frame.tsx'
import { Calls17 } from '../../ui/alert/Call17.tsx'
import { useText } from '../../ui/format/text.ts'
import { usePageTitle } from '../../ui/Page.tsx'
import classes from '../Join.module.css'
import { NoScheme } from '../NoScheme.tsx'
import { privacyQuery } from '../queries.ts'

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
  const parts = writeNotice(facts, t, lang)
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
