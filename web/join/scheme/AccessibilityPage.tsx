import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { aboutQuery } from '../../api/queries.ts'
import { Frame } from '../../start/Frame.tsx'
import { useText } from '../../ui/format/text.ts'
import { usePageTitle } from '../../ui/Page.tsx'
import classes from '../Join.module.css'
import { NoScheme } from '../NoScheme.tsx'
import { publicSchemeQuery } from '../queries.ts'

const FORM = 'https://formulaire.defenseurdesdroits.fr/'
const DELEGATES = 'https://www.defenseurdesdroits.fr/carte-des-delegues'

/** The accessibility statement of the site, without a scheme. */
export function AccessibilityPage() {
  const { t } = useText()
  const demo = useQuery(aboutQuery).data?.demo ?? false
  usePageTitle(t('accessibility.title'))
  return (
    <Frame demo={demo}>
      <div className={classes.page}>
        <Statement organism={t('accessibility.organism')} />
      </div>
    </Frame>
  )
}

/** The accessibility statement of a scheme, for which its chamber is responsible. */
export function SchemeAccessibilityPage() {
  const { t } = useText()
  const { scheme: schemeId } = useParams({ from: '/dispositif/$scheme/accessibilite' })
  const demo = useQuery(aboutQuery).data?.demo ?? false
  const scheme = useQuery(publicSchemeQuery(schemeId))
  usePageTitle(t('accessibility.title'))
  return (
    <Frame demo={demo} schemeId={schemeId}>
      <div className={classes.page}>
        {scheme.isError && <NoScheme error={scheme.error} retry={() => void scheme.refetch()} />}
        {scheme.data !== undefined && (
          <>
            <Statement organism={scheme.data.chamber} />
            <Link to="/dispositif/$scheme" params={{ scheme: schemeId }} className={classes.link}>
              {t('privacy.back')}
            </Link>
          </>
        )}
      </div>
    </Frame>
  )
}

/** The statement, in the order and wording required by the RGAA. */
function Statement({ organism }: { organism: string }) {
  const { t } = useText()
  const list = (...lines: string[]) => (
    <ul className={classes.list}>
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  )
  return (
    <>
      <div>
        <h1>{t('accessibility.title')}</h1>
        <p className={classes.lead}>{t('accessibility.lead', { organism })}</p>
      </div>
      <section className={classes.text} aria-labelledby="conformite">
        <h2 id="conformite">{t('accessibility.state')}</h2>
        <p>
          <strong>{t('accessibility.state.not')}</strong>
        </p>
        <p>{t('accessibility.state.why')}</p>
      </section>
      <section className={classes.text} aria-labelledby="verifie">
        <h2 id="verifie">{t('accessibility.tested')}</h2>
        {list(
          t('accessibility.tested.axe'),
          t('accessibility.tested.appearances'),
          t('accessibility.tested.keyboard'),
          t('accessibility.tested.targets'),
        )}
      </section>
      <section className={classes.text} aria-labelledby="non-verifie">
        <h2 id="non-verifie">{t('accessibility.untested')}</h2>
        {list(
          t('accessibility.untested.criteria'),
          t('accessibility.untested.readers'),
          t('accessibility.untested.people'),
          t('accessibility.untested.files'),
        )}
      </section>
      <section className={classes.text} aria-labelledby="autrement">
        <h2 id="autrement">{t('accessibility.otherwise')}</h2>
        {list(
          t('accessibility.otherwise.map'),
          t('accessibility.otherwise.charts'),
          t('accessibility.otherwise.captcha'),
        )}
      </section>
      <section className={classes.text} aria-labelledby="etablissement">
        <h2 id="etablissement">{t('accessibility.made')}</h2>
        <p>{t('accessibility.made.when')}</p>
        <p>{t('accessibility.made.with')}</p>
      </section>
      <section className={classes.text} aria-labelledby="contact">
        <h2 id="contact">{t('accessibility.report')}</h2>
        <p>{t('accessibility.report.how', { organism })}</p>
      </section>
      <section className={classes.text} aria-labelledby="recours">
        <h2 id="recours">{t('accessibility.recourse')}</h2>
        <p>{t('accessibility.recourse.when')}</p>
        <ul className={classes.list}>
          <li>
            <p>
              <a href={FORM} lang="fr" rel="noreferrer">
                {t('accessibility.recourse.form')}
              </a>
            </p>
          </li>
          <li>
            <p>
              <a href={DELEGATES} lang="fr" rel="noreferrer">
                {t('accessibility.recourse.delegate')}
              </a>
            </p>
          </li>
          <li>
            <p>
              <a href="tel:+33969390000">{t('accessibility.recourse.phone')}</a>
            </p>
          </li>
          <li lang="fr">{t('accessibility.recourse.post')}</li>
        </ul>
      </section>
    </>
  )
}
