import { Button } from '@mantine/core'
import IconGavel from '@tabler/icons-react/icons/IconGavel'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { CallOutView } from '../../../../src/on-call/contract.ts'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import { alertQuery } from '../../../api/queries.ts'
import { useAction } from '../../../api/useAction.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { AuthorisationFields, isComplete } from '../../approval/authorisation/AuthorisationFields.tsx'
import { AuthorisationSeal } from '../../approval/authorisation/AuthorisationSeal.tsx'
import { Asked, useAsked } from '../../on-call/Asked.tsx'
import { useCurrent } from '../../shell/current.tsx'
import { unreferencedText } from '../order/sent.ts'
import type { Draft } from '../text/draft.ts'
import classes from './Doctrine.module.css'
import { entryOf, sealOf } from './doctrine.ts'
import { FieldProblems } from './FieldProblems.tsx'
import type { RoomDoctrine } from './useDoctrine.ts'

/** Asks for the authorisation of exactly this text and these recipients, or records one that was given by phone. */
export function Prosecutor(props: {
  scheme: SchemeView
  draft: Draft
  doctrine: RoomDoctrine
  change: (patch: Partial<Draft>) => void
  authorise: () => Promise<void>
  ask: () => Promise<void>
}) {
  const { t } = useText()
  const { draft, doctrine, change } = props
  const [again, setAgain] = useState(false)
  const record = useAction(props.authorise, {
    onSuccess: () => setAgain(false),
    onError: doctrine.refused,
  })
  const ask = useAction(props.ask, { onError: doctrine.refused })
  const entry = entryOf(draft)
  const asked = useAsked(draft.alert?.id ?? null)
  const isAsked = asked !== undefined && asked.endedAt === null
  const [byPhone, setByPhone] = useState(false)
  useGivenAuthorisation(draft, asked, change)
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
          {t(
            draft.authorised.view.confirmation === 'denied'
              ? 'authorisation.denied'
              : 'authorisation.void.by',
            { magistrate: draft.authorised.view.magistrate },
          )}
        </p>
      )}
      <Asked callOut={asked} stepsOnly />
      {isAsked && !byPhone && (
        <div className={classes.recordButtons}>
          <Button variant="subtle" size="compact-sm" onClick={() => setByPhone(true)}>
            {t('authorisation.byPhone')}
          </Button>
        </div>
      )}
      {(!isAsked || byPhone) && (
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
            <div className={classes.recordButtons}>
              <Button
                type="submit"
                variant="default"
                disabled={!isComplete(entry)}
                loading={record.isPending}
              >
                {t('authorisation.record')}
              </Button>
              {!isAsked && (
                <Button
                  variant="light"
                  disabled={entry.scope.trim() === ''}
                  loading={ask.isPending}
                  onClick={() => ask.mutate(undefined)}
                >
                  {t('authorisation.ask')}
                </Button>
              )}
            </div>
          </div>
        </form>
      )}
      <FieldProblems problems={doctrine.problemsOf('authorisation')} />
      <Failure error={record.failure ?? ask.failure} />
    </section>
  )
}

/**
 * Takes over the authorisation that a magistrate gave to the draft, and their answer to one that was recorded in their name, once
 * the events of the alert bring it.
 */
function useGivenAuthorisation(
  draft: Draft,
  asked: CallOutView | undefined,
  change: (patch: Partial<Draft>) => void,
): void {
  const { scheme } = useCurrent()
  const page = useQuery({
    ...alertQuery(scheme.id, draft.alert?.id ?? ''),
    enabled: draft.alert !== null && (draft.authorised !== null || asked?.endedWhy === 'authorised'),
  })
  const alert = page.data?.alert
  const given = alert?.authorisation
  const { authorised } = draft
  const isKnown = given?.recordedAt === authorised?.view.recordedAt
  const isNew = given?.valid === true && !isKnown
  const isAnswered = given != null && isKnown && given.confirmation !== authorised?.view.confirmation
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each authorisation and each answer
  useEffect(() => {
    if (alert === undefined || given == null) return
    if (isAnswered && authorised !== null) {
      change({ authorised: { view: given, seal: given.valid ? authorised.seal : '' } })
    }
    if (!isNew) return
    const { area, trades, doctrine } = alert
    change({
      authorised: {
        view: given,
        seal: sealOf({ text: unreferencedText(alert), area, trades, level: doctrine.level }),
      },
    })
  }, [isNew, isAnswered, given?.recordedAt])
}
