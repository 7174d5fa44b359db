import { Link } from '@tanstack/react-router'
import { useText } from '../ui/format/text.ts'

/** Links to the public pages of a scheme about its service. */
export function SchemeLinks(props: { schemeId: string; className?: string | undefined }) {
  const { t } = useText()
  const params = { scheme: props.schemeId }
  return (
    <span className={props.className}>
      <Link to="/dispositif/$scheme/accessibilite" params={params}>
        {t('accessibility.link')}
      </Link>
      <Link to="/dispositif/$scheme/etat" params={params}>
        {t('status.title')}
      </Link>
    </span>
  )
}
