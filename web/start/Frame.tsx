import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { aboutQuery } from '../api/queries.ts'
import { publicSchemeQuery } from '../join/queries.ts'
import { Preferences } from '../ui/account/Preferences.tsx'
import { useText } from '../ui/format/text.ts'
import { Brand } from '../ui/frame/Brand.tsx'
import { DemoBanner } from '../ui/frame/DemoBanner.tsx'
import { ChamberContact, ChamberContacts } from '../ui/membership/ChamberContact.tsx'
import classes from './Frame.module.css'
import { SchemeLinks } from './SchemeLinks.tsx'

/**
 * The layout of public pages, each of which says whom to call at the chamber.
 * @param props `schemeId`: the scheme of the page
 */
export function Frame(props: { demo: boolean; schemeId?: string; children: ReactNode }) {
  const { t } = useText()
  const about = useQuery(aboutQuery).data
  return (
    <div className={classes.page}>
      <header>
        <div className={classes.header}>
          <Link to="/" className={classes.home} aria-label={t('nav.home')}>
            <Brand />
          </Link>
          <Preferences />
        </div>
        {props.demo && <DemoBanner />}
      </header>
      <main id="contenu" className={classes.main}>
        {props.children}
      </main>
      <footer className={classes.footer}>
        {props.schemeId === undefined ? <ChamberContacts /> : <Contact schemeId={props.schemeId} />}
        <Link to="/verifier">{t('verify.title')}</Link>
        {props.schemeId === undefined ? (
          <Link to="/accessibilite">{t('accessibility.link')}</Link>
        ) : (
          <SchemeLinks schemeId={props.schemeId} className={classes.links} />
        )}
        <span>
          {t('start.footer')}
          {about !== undefined && ` · ${t('start.version', { version: about.version })}`}
        </span>
      </footer>
    </div>
  )
}

function Contact(props: { schemeId: string }) {
  const { data: scheme, isError } = useQuery(publicSchemeQuery(props.schemeId))
  if (scheme === undefined) return isError ? <ChamberContacts /> : null
  return <ChamberContact chamber={scheme.chamber} contact={scheme.contact} dpo={scheme.dpo} />
}
