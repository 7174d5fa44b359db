import { Loader } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, Suspense } from 'react'
import { aboutQuery } from '../../api/queries.ts'
import { Preferences } from '../../ui/account/Preferences.tsx'
import { type Lang, useText } from '../../ui/format/text.ts'
import { Brand } from '../../ui/frame/Brand.tsx'
import { DemoBanner } from '../../ui/frame/DemoBanner.tsx'
import classes from '../Portal.module.css'

/**
 * Lays out a page of the portal.
 * @param props `onLang`: receives a language that the member chooses
 */
export function PortalFrame(props: {
  head?: ReactNode
  nav?: ReactNode
  onLang?: (lang: Lang) => void
  children: ReactNode
}) {
  const { t } = useText()
  const demo = useQuery(aboutQuery).data?.demo === true
  return (
    <div className={classes.frame}>
      <a className={classes.skip} href="#contenu">
        {t('shell.skip')}
      </a>
      <header className={classes.head}>
        <div className={classes.bar}>
          <Link to={demo ? '/' : '/portail'} className={classes.home} aria-label={t('nav.home')}>
            <Brand />
          </Link>
          {props.nav}
          <Preferences {...(props.onLang !== undefined && { onLang: props.onLang })} />
        </div>
        {demo && <DemoBanner />}
        {props.head}
      </header>
      <main id="contenu" tabIndex={-1} className={classes.main}>
        <Suspense fallback={<Waiting />}>{props.children}</Suspense>
      </main>
    </div>
  )
}

/** Takes the place of a page that is being loaded. */
export function Waiting() {
  const { t } = useText()
  return (
    <div className={classes.waiting} role="status" aria-label={t('shell.loading')}>
      <Loader />
    </div>
  )
}
