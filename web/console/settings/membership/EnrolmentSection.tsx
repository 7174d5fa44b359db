import { Link } from '@tanstack/react-router'
import { useCallback, useEffect, useState } from 'react'
import { useText } from '../../../ui/format/text.ts'
import { AutoApprove } from '../../enrolments/AutoApprove.tsx'
import classes from '../Settings.module.css'
import { CharterCard } from './CharterCard.tsx'
import { CodeBudgets } from './CodeBudgets.tsx'
import { ContactCard } from './ContactCard.tsx'
import { Destinations } from './Destinations.tsx'

/** Sets how businesses join the scheme, and the charter they sign. */
export function EnrolmentSection(props: {
  schemeId: string
  mayPublish: boolean
  onDirty: (isDirty: boolean) => void
}) {
  const { t } = useText()
  const { onDirty } = props
  const [dirty, setDirty] = useState({ charter: false, contact: false })
  useEffect(() => onDirty(dirty.charter || dirty.contact), [dirty, onDirty])
  const onContact = useCallback((contact: boolean) => setDirty((others) => ({ ...others, contact })), [])
  const onCharter = useCallback((charter: boolean) => setDirty((others) => ({ ...others, charter })), [])
  return (
    <>
      <section className={classes.card} aria-labelledby="approbation">
        <h3 id="approbation" className={classes.cardTitle}>
          {t('settings.auto')}
        </h3>
        <p className={classes.mute}>{t('settings.auto.what')}</p>
        <AutoApprove schemeId={props.schemeId} />
        <p>
          <Link className={classes.link} to="/dispositif/$scheme" params={{ scheme: props.schemeId }}>
            {t('settings.auto.page')}
          </Link>
        </p>
      </section>
      <ContactCard schemeId={props.schemeId} onDirty={onContact} />
      <CodeBudgets schemeId={props.schemeId} />
      <Destinations schemeId={props.schemeId} />
      <CharterCard schemeId={props.schemeId} mayPublish={props.mayPublish} onDirty={onCharter} />
    </>
  )
}
