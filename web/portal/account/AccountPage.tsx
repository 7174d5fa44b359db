import IconChevronRight from '@tabler/icons-react/icons/IconChevronRight'
import { Link } from '@tanstack/react-router'
import { storeContactLang } from '../../api/language.ts'
import { LanguageChoice } from '../../ui/fields/LanguageChoice.tsx'
import { type TextKey, useText } from '../../ui/format/text.ts'
import { usePageTitle } from '../../ui/Page.tsx'
import classes from '../Portal.module.css'

const pages = [
  { to: '/portail/cotisation', label: 'portal.nav.dues', what: 'portal.account.dues' },
  { to: '/portail/donnees', label: 'portal.nav.data', what: 'portal.account.data' },
  { to: '/portail/charte', label: 'portal.charter', what: 'portal.account.charter' },
] as const satisfies readonly { to: string; label: TextKey; what: TextKey }[]

/** Leads to what a merchant needs a few times a year: dues, stored data, charter. */
export function AccountPage() {
  const { t } = useText()
  usePageTitle(t('portal.nav.account'))
  return (
    <>
      <h1 className={classes.title}>{t('portal.nav.account')}</h1>
      <ul className={classes.list}>
        {pages.map(({ to, label, what }) => (
          <li key={to}>
            <Link to={to} className={classes.way}>
              <span>
                <strong>{t(label)}</strong>
                <span>{t(what)}</span>
              </span>
              <IconChevronRight size={22} stroke={1.7} aria-hidden />
            </Link>
          </li>
        ))}
      </ul>
      <LanguageChoice
        label={t('portal.account.language')}
        what={t('portal.account.language.what')}
        onLang={storeContactLang}
      />
    </>
  )
}
