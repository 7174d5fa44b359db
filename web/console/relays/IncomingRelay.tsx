import { Button, Modal, NativeSelect, Textarea } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { RelayView } from '../../../src/relays/contract.ts'
import { usualChoice } from '../../../src/territory/choices.ts'
import type { AreaChoice } from '../../../src/territory/contract.ts'
import { callApi } from '../../api/client.ts'
import { areasQuery, audienceQuery, schemeQuery } from '../../api/queries.ts'
import { useAction } from '../../api/useAction.ts'
import { ExerciseTag } from '../../ui/alert/Exercise.tsx'
import { DialogButtons } from '../../ui/dialog/DialogButtons.tsx'
import { momentOf, sinceOf } from '../../ui/format/format.ts'
import { useMinute } from '../../ui/format/now.ts'
import { CategoryName } from '../../ui/format/severity.tsx'
import { labelOf, useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import { keyOf, shortNameOf } from '../room/audience/areas.ts'
import { openNext } from '../room/text/draft.ts'
import { useCurrent } from '../shell/current.tsx'
import classes from './Relays.module.css'

/**
 * Shows an alert of another scheme that waits for a response. When accepted, it opens in the alert room to be
 * adapted.
 */
export function IncomingRelay(props: { relay: RelayView }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { may } = useCurrent()
  const { relay } = props
  const [isDeclining, setDeclining] = useState(false)
  return (
    <article className={classes.incoming} aria-label={t('relay.from', { scheme: relay.scheme.name })}>
      <div className={classes.incomingHead}>
        <CategoryName category={relay.category} />
        {relay.exercise && <ExerciseTag />}
        <span className={classes.ref}>{relay.reference}</span>
        <small>{sinceOf(lang, relay.proposedAt, now)}</small>
      </div>
      <h3>{t('relay.from', { scheme: relay.scheme.name })}</h3>
      <blockquote className={classes.text}>{relay.text}</blockquote>
      {relay.note !== null && (
        <p className={classes.note}>
          <b>{t('relay.note.of')}</b> {relay.note}
        </p>
      )}
      <p className={classes.mute}>
        {[
          relay.commune.name,
          t('relay.occurred', { time: momentOf(lang, relay.occurredAt, now) }),
          relay.proposedBy,
          relay.level === 'precise' ? t('relay.precise') : null,
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
      {may('relay.decide') && <AcceptForm relay={relay} onDecline={() => setDeclining(true)} />}
      {isDeclining && <Decline relay={relay} onClose={() => setDeclining(false)} />}
    </article>
  )
}

/** Asks for the area of the alert here, and for its category where the scheme does not have that of the other one. */
function AcceptForm(props: { relay: RelayView; onDecline: () => void }) {
  const { t, lang } = useText()
  const { relay } = props
  const { scheme } = useCurrent()
  const navigate = useNavigate()
  const prepareRoom = usePrepareRoom()
  const form = useForm({ initialValues: { categoryCode: '', area: '' } })
  const categories = useQuery(schemeQuery(scheme.id)).data?.categories
  const isKnown = categories?.some((one) => one.code === relay.category.code) ?? true
  const categoryCode = isKnown ? relay.category.code : form.values.categoryCode
  const category = categories?.find((one) => one.code === categoryCode)
  const offered = useQuery(areasQuery(scheme.id, relay.commune.code)).data?.filter(
    ({ communes }) => communes > 0,
  )
  const area =
    offered &&
    (offered.find((one) => keyOf(one.area) === form.values.area) ??
      usualChoice(offered, category?.area ?? null))
  const reached = useQuery(
    audienceQuery(
      scheme.id,
      area === undefined
        ? null
        : { area: area.area, trades: [], ...(category && { severity: category.severity }) },
    ),
  ).data?.members
  const accept = useAction(
    async () => {
      const accepted = await callApi('acceptRelay', {
        params: { scheme: scheme.id, id: relay.id },
        body: { ...(!isKnown && { categoryCode }), ...(area && { area: area.area }) },
      })
      await prepareRoom(accepted, area)
    },
    {
      form,
      // A field that is not shown cannot show its problem.
      fields: [...(isKnown ? [] : ['categoryCode']), ...(area ? ['area'] : [])],
      onSuccess: () => navigate({ to: '/salle' }),
      refreshAfterFailure: [['relays', scheme.id]],
    },
  )
  return (
    <form
      className={classes.accept}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (!accept.isPending) accept.mutate()
      }}
    >
      {!isKnown && (
        <NativeSelect
          label={t('relay.category', { category: labelOf(lang, relay.category) })}
          required
          data={[
            { value: '', label: t('relay.category.choose'), disabled: true },
            ...(categories ?? []).map((one) => ({ value: one.code, label: labelOf(lang, one) })),
          ]}
          {...form.getInputProps('categoryCode')}
        />
      )}
      {offered !== undefined && area !== undefined && (
        <NativeSelect
          label={t('relay.area')}
          description={
            reached === undefined ? t('relay.area.count') : t('relay.area.reached', { count: reached })
          }
          data={offered.map((one) => ({ value: keyOf(one.area), label: shortNameOf(t, one) }))}
          {...form.getInputProps('area')}
          value={keyOf(area.area)}
        />
      )}
      <Failure error={accept.failure} />
      <DialogButtons onBack={props.onDecline} back={t('relay.decline')} disabled={accept.isPending}>
        <Button type="submit" loading={accept.isPending}>
          {t('relay.accept')}
        </Button>
      </DialogButtons>
    </form>
  )
}

/** Returns a function that fills the alert room with an accepted alert, for the chosen area, to be adapted. */
function usePrepareRoom() {
  const client = useQueryClient()
  const { scheme } = useCurrent()
  return async ({ own }: RelayView, area: AreaChoice | undefined): Promise<void> => {
    void client.invalidateQueries({ queryKey: ['relays', scheme.id] })
    void client.invalidateQueries({ queryKey: ['reports', scheme.id] })
    if (own.reportId === null) return
    const report = await callApi('getReport', { params: { scheme: scheme.id, id: own.reportId } })
    const page =
      own.alert === null
        ? null
        : await callApi('getAlert', { params: { scheme: scheme.id, id: own.alert.id } })
    openNext(scheme.id, report, {
      ...(page !== null && {
        text: page.alert.text,
        outsideZoneReason: page.alert.zone.reason ?? '',
        alert: {
          id: page.alert.id,
          version: page.alert.version,
          reference: page.alert.reference,
          content: null,
        },
      }),
      ...(area !== undefined && { area }),
    })
  }
}

function Decline(props: { relay: RelayView; onClose: () => void }) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const form = useForm({ initialValues: { reason: '' } })
  const decline = useAction(
    () =>
      callApi('declineRelay', {
        params: { scheme: scheme.id, id: props.relay.id },
        body: form.values,
      }),
    {
      form,
      refresh: [['relays', scheme.id]],
      onRefreshed: () => props.onClose(),
    },
  )
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={props.onClose}
      size={480}
      title={t('relay.decline.title', { scheme: props.relay.scheme.name })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (!decline.isPending) decline.mutate()
        }}
      >
        <Textarea
          label={t('relay.decline.reason')}
          description={t('relay.decline.why')}
          required
          data-autofocus
          maxLength={500}
          autosize
          minRows={2}
          maxRows={6}
          {...form.getInputProps('reason')}
        />
        <Failure error={decline.failure} />
        <DialogButtons onBack={props.onClose}>
          <Button type="submit" loading={decline.isPending}>
            {t('relay.decline')}
          </Button>
        </DialogButtons>
      </form>
    </Modal>
  )
}
