import IconGavel from '@tabler/icons-react/icons/IconGavel'
import type { ReactNode } from 'react'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import { whenOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import classes from './Authorisation.module.css'

/** Shows the recorded authorisation: who, when, for what, and whether it is still valid. */
export function AuthorisationSeal(props: {
  authorisation: NonNullable<AlertView['authorisation']>
  valid: boolean
  children?: ReactNode
}) {
  const { t, lang } = useText()
  const now = useMinute()
  const { authorisation, valid } = props
  return (
    // No landmark: a page of approvals has one a card.
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields
    <div
      className={classes.seal}
      data-void={!valid || undefined}
      role="group"
      aria-label={t('authorisation.title')}
    >
      <div className={classes.head}>
        <IconGavel size={18} aria-hidden />
        {t('authorisation.by', { magistrate: authorisation.magistrate, service: authorisation.service })}
        {props.children !== undefined && <span className={classes.tool}>{props.children}</span>}
      </div>
      <p>
        {t('authorisation.given', {
          when: whenOf(lang, authorisation.givenAt, now),
          scope: authorisation.scope,
        })}
      </p>
      {authorisation.confirmation === 'denied' ? (
        <p className={classes.denied}>
          {t('authorisation.denied', { magistrate: authorisation.magistrate })}
        </p>
      ) : valid ? (
        <p>{t('authorisation.valid')}</p>
      ) : (
        <p className={classes.void}>{t('authorisation.void')}</p>
      )}
      {authorisation.confirmation === 'confirmed' && <p>{t('authorisation.confirmed')}</p>}
      {authorisation.confirmation === 'pending' && valid && <p>{t('authorisation.pending')}</p>}
    </div>
  )
}
