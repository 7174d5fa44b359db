import { Button, VisuallyHidden } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { callApi } from '../../../api/client.ts'
import { useAction } from '../../../api/useAction.ts'
import { momentOf, spanOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { StateTag, type Tone } from '../../../ui/StateTag.tsx'
import { DecideModal } from '../../approval/decision/DecideModal.tsx'
import { useCurrent } from '../../shell/current.tsx'
import { TerritoryEffects } from '../scheme/TerritoryEffects.tsx'
import { territoryPreviewQuery } from '../scheme/territory.ts'
import classes from './Changes.module.css'
import { type SettingChange, settingChangesQuery } from './queries.ts'
import { useDifferences } from './useDifferences.ts'

const TONES = {
  proposed: 'open',
  in_force: 'good',
  rejected: 'bad',
  withdrawn: 'neutral',
  overtaken: 'neutral',
  expired: 'neutral',
} as const satisfies Record<SettingChange['state'], Tone>

type ChangeState = SettingChange['state']

/** Returns whether an account decided on a change in this state. */
function isDecided(state: ChangeState): state is Exclude<ChangeState, 'proposed' | 'expired'> {
  return state !== 'proposed' && state !== 'expired'
}

/** Queries that a change in force may have changed. */
const settingsOf = (schemeId: string) =>
  [
    'scheme',
    'doctrine',
    'categories',
    'service-texts',
    'observers',
    'on-call',
    'dues-settings',
    'message-settings',
    'enrolment-settings',
    'audience',
    'sectors',
    'areas',
    'area-communes',
    'map',
    'places',
    'place-names',
    'territory',
    'people',
  ].map((about) => [about, schemeId])

/** One change of settings: the difference, who, when and why, and the buttons that the user has. */
export function ChangeCard(props: { change: SettingChange; heading?: 'h3' | 'h4' }) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const { change, heading: Heading = 'h3' } = props
  const [rejecting, setRejecting] = useState(false)
  const params = { scheme: scheme.id, id: change.id }
  const options = {
    stores: settingChangesQuery(scheme.id).queryKey,
    refreshAfterFailure: [settingChangesQuery(scheme.id).queryKey],
  }
  const enforce = useAction(() => callApi('putSettingChangeInForce', { params }), {
    ...options,
    success: t('settingChange.enforced'),
    refresh: settingsOf(scheme.id),
  })
  const withdraw = useAction(() => callApi('withdrawSettingChange', { params }), {
    ...options,
    success: t('settingChange.withdrawn'),
  })
  const reject = useAction((reason: string) => callApi('rejectSettingChange', { params, body: { reason } }), {
    ...options,
    success: t('settingChange.rejected'),
  })
  const { may } = change
  return (
    <article
      className={classes.change}
      data-open={change.state === 'proposed' || undefined}
      aria-labelledby={`changement-${change.id}`}
    >
      <div className={classes.head}>
        <Heading id={`changement-${change.id}`}>{t(`settingChange.subject.${change.subject}`)}</Heading>
        <StateTag tone={TONES[change.state]}>{t(`settingChange.state.${change.state}`)}</StateTag>
        {change.alone && <StateTag tone="warn">{t('settingChange.madeAlone')}</StateTag>}
      </div>
      <Differences change={change} />
      <Territory change={change} />
      <p>{t('settingChange.reason', { reason: change.reason })}</p>
      <Progress change={change} />
      <Failure error={enforce.failure ?? withdraw.failure} />
      {(may.putInForce || may.cooling || may.reject || may.withdraw) && (
        <div className={classes.buttons}>
          {(may.putInForce || may.cooling) && (
            <Button disabled={!may.putInForce} loading={enforce.isPending} onClick={() => enforce.mutate()}>
              {t('settingChange.enforce')}
            </Button>
          )}
          {may.reject && (
            <Button variant="default" onClick={() => setRejecting(true)}>
              {t('settingChange.reject')}
            </Button>
          )}
          {may.withdraw && (
            <Button variant="default" loading={withdraw.isPending} onClick={() => withdraw.mutate()}>
              {t('settingChange.withdraw')}
            </Button>
          )}
        </div>
      )}
      {rejecting && (
        <DecideModal
          verb="reject"
          title={t('settingChange.reject.title')}
          what={t('settingChange.reject.what')}
          confirm={t('settingChange.reject')}
          decide={async (reason) => {
            await reject.mutateAsync(reason)
            setRejecting(false)
          }}
          onClose={() => setRejecting(false)}
        />
      )}
    </article>
  )
}

/** Shows each setting with its values before and after. */
function Differences({ change }: { change: SettingChange }) {
  const { t } = useText()
  const differences = useDifferences()
  return (
    <dl className={classes.parts}>
      {differences(change).map(({ name, before, after }) => (
        <div key={`${name} ${before} ${after}`}>
          <dt>{name}</dt>
          <dd>
            <del>
              <VisuallyHidden>{t('settingChange.before')} </VisuallyHidden>
              {before}
            </del>
            <span aria-hidden>→</span>
            <ins>
              <VisuallyHidden>{t('settingChange.after')} </VisuallyHidden>
              {after}
            </ins>
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** Says who proposed the change and who decided on it, or what it waits for. */
function Progress({ change }: { change: SettingChange }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { state, waitsFor, decidedAt, decidedBy, decisionReason } = change
  const isOpen = state === 'proposed'
  const names = new Intl.ListFormat(lang, { type: 'disjunction' })
  return (
    <p className={classes.mute}>
      {t('settingChange.by', { name: change.proposedBy, when: momentOf(lang, change.proposedAt, now) })}{' '}
      {decidedAt !== null &&
        decidedBy !== null &&
        isDecided(state) &&
        t(`settingChange.decided.${state}`, { name: decidedBy, when: momentOf(lang, decidedAt, now) })}{' '}
      {decisionReason !== null && t('settingChange.reason', { reason: decisionReason })}
      {isOpen && waitsFor.length > 0 && t('settingChange.waitsFor', { names: names.format(waitsFor) })}{' '}
      {isOpen && <Term change={change} />}
    </p>
  )
}

/** Says how long an open change cannot be put in force yet, or when it expires. */
function Term({ change }: { change: SettingChange }) {
  const { t, lang } = useText()
  const now = useMinute()
  const cooling = change.readyAt === null ? 0 : Date.parse(change.readyAt) - now
  if (cooling > 0) return t('settingChange.cooling.left', { span: spanOf(lang, cooling) })
  if (change.may.cooling) return t('settingChange.cooling.accounts')
  return t('settingChange.expires', { when: momentOf(lang, change.expiresAt, now) })
}

/** Shows the effects that a proposed territory would have now. */
function Territory(props: { change: SettingChange }) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const { state, parts } = props.change
  const part = state === 'proposed' ? parts.find((one) => one.setting === 'scheme.territory') : undefined
  const preview = useQuery(territoryPreviewQuery(scheme.id, part?.after ?? null))
  if (part === undefined) return null
  return (
    <>
      <Failure error={preview.error} retry={() => void preview.refetch()} />
      {preview.data !== undefined && (
        <div>
          <p>{t('territory.made', { parts: preview.data.parts.map(({ name }) => name).join(', ') })}</p>
          <TerritoryEffects preview={preview.data} />
        </div>
      )}
    </>
  )
}
