import { Button, Modal, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type {
  BreakGlassOpening,
  BreakGlassStatus,
  SealedEnvelopes,
} from '../../../../src/break-glass/contract.ts'
import { callApi } from '../../../api/client.ts'
import { useAction } from '../../../api/useAction.ts'
import { ExerciseTag } from '../../../ui/alert/Exercise.tsx'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { momentOf, sinceOf, whenOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { Empty, Failure } from '../../../ui/Notice.tsx'
import { StateTag, type Tone } from '../../../ui/StateTag.tsx'
import { HowEnded, WhoAndWhy } from '../../shell/BreakGlassBar.tsx'
import { breakGlassStatusQuery } from '../queries.ts'
import settings from '../Settings.module.css'
import classes from './BreakGlassSection.module.css'

const TONES: Record<BreakGlassStatus['state'], Tone> = {
  never: 'warn',
  sealed: 'good',
  broken: 'bad',
  open: 'bad',
}

/**
 * Whether the break-glass account is sealed, its last openings, and for administrators the making of its envelopes.
 * @param props `heading`: the element of its titles, one level below that of the part; default h3
 */
export function BreakGlassSection(props: { heading?: 'h2' | 'h3' }) {
  const status = useQuery(breakGlassStatusQuery)
  if (status.isLoadingError) return <Failure error={status.error} retry={() => void status.refetch()} />
  if (status.data === undefined) return <Skeleton height={240} />
  return <Status status={status.data} heading={props.heading ?? 'h3'} />
}

function Status(props: { status: BreakGlassStatus; heading: 'h2' | 'h3' }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { status, heading: Heading } = props
  const { state, seal, openings, address, maySeal } = status
  const [isSealing, setSealing] = useState(false)
  return (
    <>
      <section className={settings.card} aria-labelledby="scelle">
        <div className={classes.head}>
          <Heading id="scelle" className={settings.cardTitle}>
            {t('breakGlass.seal')}
          </Heading>
          <StateTag tone={TONES[state]}>{t(`breakGlass.state.${state}`)}</StateTag>
        </div>
        {seal !== null && (
          <p>
            {t('breakGlass.seal.made', {
              no: seal.no,
              at: whenOf(lang, seal.sealedAt, now),
              by: seal.sealedBy,
            })}
          </p>
        )}
        <p className={settings.mute}>
          {t(`breakGlass.state.${state}.what`, {
            since: seal?.brokenAt == null ? '' : sinceOf(lang, seal.brokenAt, now),
          })}
        </p>
        <p className={settings.mute}>{t('breakGlass.seal.where', { address })}</p>
        {maySeal ? (
          <div>
            <Button onClick={() => setSealing(true)}>
              {t(state === 'sealed' ? 'breakGlass.seal.again' : 'breakGlass.seal.do')}
            </Button>
          </div>
        ) : (
          <p className={settings.mute}>{t('breakGlass.seal.who')}</p>
        )}
      </section>
      <section className={settings.card} aria-labelledby="ouvertures">
        <Heading id="ouvertures" className={settings.cardTitle}>
          {t('breakGlass.openings')}
        </Heading>
        {openings.length === 0 ? (
          <Empty small title={t('breakGlass.openings.none')}>
            {t('breakGlass.openings.none.what')}
          </Empty>
        ) : (
          <ul className={classes.openings}>
            {openings.map((opening) => (
              <OpeningRow key={opening.id} opening={opening} />
            ))}
          </ul>
        )}
      </section>
      {isSealing && <SealDialog isAgain={state === 'sealed'} onClose={() => setSealing(false)} />}
    </>
  )
}

function OpeningRow(props: { opening: BreakGlassOpening }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { opening } = props
  return (
    <li>
      <p>
        <b>{momentOf(lang, opening.openedAt, now)}</b> {opening.drill && <ExerciseTag />}
      </p>
      <p>
        <WhoAndWhy opening={opening} />
      </p>
      <p className={settings.mute}>
        {opening.closedAt === null ? t('breakGlass.state.open') : <HowEnded opening={opening} />}
      </p>
    </li>
  )
}

/** Makes the envelopes: what it means, then the code of A alone, then that of B alone, for two people at one desk. */
function SealDialog(props: { isAgain: boolean; onClose: () => void }) {
  const { t } = useText()
  const { isAgain, onClose } = props
  const [sealed, setSealed] = useState<SealedEnvelopes | null>(null)
  const [shown, setShown] = useState(0)
  const seal = useAction(() => callApi('sealBreakGlass'), {
    refresh: [breakGlassStatusQuery.queryKey],
    onSuccess: setSealed,
  })
  const envelope = sealed?.envelopes[shown]
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={onClose}
      size={560}
      title={
        envelope === undefined
          ? t('breakGlass.seal.title')
          : t('breakGlass.envelope', { envelope: envelope.envelope, no: sealed?.no ?? 0 })
      }
      // The codes are shown this once.
      withCloseButton={sealed === null}
      closeOnEscape={sealed === null}
      closeOnClickOutside={sealed === null}
      closeButtonProps={{ 'aria-label': t('action.cancel') }}
    >
      {envelope === undefined || sealed === null ? (
        <div className={classes.dialog}>
          <p>{t('breakGlass.seal.what')}</p>
          {isAgain && <p>{t('breakGlass.seal.replaces')}</p>}
          <Failure error={seal.failure} />
          <DialogButtons onBack={onClose}>
            <Button data-autofocus loading={seal.isPending} onClick={() => seal.mutate()}>
              {t('breakGlass.seal.show')}
            </Button>
          </DialogButtons>
        </div>
      ) : (
        <div className={classes.dialog}>
          <p>{t('breakGlass.envelope.what', { envelope: envelope.envelope })}</p>
          <p className={classes.code}>{envelope.code}</p>
          <p className={settings.mute}>
            {t('breakGlass.envelope.also', { address: sealed.address, no: sealed.no })}
          </p>
          <div className={classes.next}>
            {shown === 0 ? (
              <Button key="next" autoFocus onClick={() => setShown(1)}>
                {t('breakGlass.envelope.next')}
              </Button>
            ) : (
              <Button key="end" autoFocus onClick={onClose}>
                {t('breakGlass.envelope.end')}
              </Button>
            )}
          </div>
        </div>
      )}
    </Modal>
  )
}
