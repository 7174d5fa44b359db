import { Button } from '@mantine/core'
import IconGavel from '@tabler/icons-react/icons/IconGavel'
import { useState } from 'react'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import { useAction } from '../../../api/useAction.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { useText } from '../../../ui/text.ts'
import { AuthorisationFields, isComplete } from '../../approval/AuthorisationFields.tsx'
import { AuthorisationSeal } from '../../approval/AuthorisationSeal.tsx'
import type { Draft } from '../text/draft.ts'
import classes from './Doctrine.module.css'
import { entryOf } from './doctrine.ts'
import { FieldProblems } from './FieldProblems.tsx'
import type { RoomDoctrine } from './useDoctrine.ts'

/** Records the authorisation that the magistrate gave by phone, for exactly this text and these recipients. */
export function Prosecutor(props: {
  scheme: SchemeView
  draft: Draft
  doctrine: RoomDoctrine
  change: (patch: Partial<Draft>) => void
  authorise: () => Promise<void>
}) {
  const { t } = useText()
  const { draft, doctrine, change } = props
  const [again, setAgain] = useState(false)
  const record = useAction(props.authorise, {
    onSuccess: () => setAgain(false),
    onError: doctrine.refused,
  })
  const entry = entryOf(draft)
  if (draft.authorised !== null && doctrine.authorised && !again) {
    return (
      <div role="status">
        <AuthorisationSeal authorisation={draft.authorised.view} valid>
          <Button variant="subtle" size="compact-sm" onClick={() => setAgain(true)}>
            {t('authorisation.again')}
          </Button>
        </AuthorisationSeal>
        <FieldProblems problems={doctrine.problemsOf('authorisation')} />
      </div>
    )
  }
  return (
    <section className={classes.prosecutor} aria-labelledby="parquet">
      <div className={classes.head} id="parquet">
        <IconGavel size={18} aria-hidden className={classes.headIcon} />
        {t('authorisation.title')}
        <span className={classes.what}>{t('authorisation.what')}</span>
      </div>
      {draft.authorised !== null && !doctrine.authorised && (
        <p className={classes.void} role="status">
          {t('authorisation.void.by', { magistrate: draft.authorised.view.magistrate })}
        </p>
      )}
      <form
        className={classes.entry}
        onSubmit={(event) => {
          event.preventDefault()
          if (isComplete(entry) && !record.isPending) record.mutate()
        }}
      >
        <AuthorisationFields value={entry} onChange={(authorisation) => change({ authorisation })} />
        <div className={classes.record}>
          <p className={classes.what}>{t('authorisation.bound')}</p>
          <Button type="submit" variant="default" disabled={!isComplete(entry)} loading={record.isPending}>
            {t('authorisation.record')}
          </Button>
        </div>
      </form>
      <FieldProblems problems={doctrine.problemsOf('authorisation')} />
      <Failure error={record.failure} />
    </section>
  )
}
