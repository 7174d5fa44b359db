import { Button, Drawer, Radio, Skeleton, Stack, Textarea } from '@mantine/core'
import { type UseFormReturnType, useForm } from '@mantine/form'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Duplicate, EnrolmentView, RefusalReason } from '../../../src/enrolment/contract.ts'
import { readablePhone } from '../../../src/message/phone.ts'
import { callApi } from '../../api/client.ts'
import { useAction } from '../../api/useAction.ts'
import { DialogButtons } from '../../ui/dialog/DialogButtons.tsx'
import { authorOf } from '../../ui/format/event.ts'
import { momentOf } from '../../ui/format/format.ts'
import { useMinute } from '../../ui/format/now.ts'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import { toast } from '../../ui/toasts/toast.ts'
import { useCurrent } from '../shell/current.tsx'
import classes from './Enrolments.module.css'
import { approvalOf, NEW, Onto, type OntoChoice } from './Onto.tsx'
import { enrolmentQuery } from './queries.ts'

const reasons: readonly RefusalReason[] = [
  'trade',
  'territory',
  'already_member',
  'not_verified',
  'incomplete',
  'other',
]

/** Shows one request over the list, with similar members and requests, and the decision. */
export function EnrolmentDrawer(props: {
  id: string | null
  nameOfTrade: (code: string) => string
  onClose: () => void
}) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const request = useQuery({ ...enrolmentQuery(scheme.id, props.id ?? ''), enabled: props.id !== null })
  return (
    <Drawer
      opened={props.id !== null}
      onClose={props.onClose}
      position="right"
      size={640}
      title={request.data?.name ?? t('enrolments.one')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {request.isError && <Failure error={request.error} retry={() => void request.refetch()} />}
      {request.isPending && props.id !== null && <Skeleton height={320} />}
      {request.data !== undefined && (
        <Details
          key={request.data.id}
          request={request.data}
          nameOfTrade={props.nameOfTrade}
          onDone={props.onClose}
        />
      )}
    </Drawer>
  )
}

function Details(props: {
  request: EnrolmentView
  nameOfTrade: (code: string) => string
  onDone: () => void
}) {
  const { t, lang } = useText()
  const { may } = useCurrent()
  const now = useMinute()
  const { request } = props
  const lines = [
    [t('members.trade'), props.nameOfTrade(request.trade)],
    [t('members.commune'), request.commune.name],
    [t('member.address'), request.address],
    [t('member.siret'), request.siret],
    [t('enrolments.register'), request.verified ? t('enrolments.verified.yes') : t('enrolments.verified.no')],
    [t('enrolments.person'), request.person],
    [t('enrolments.phone'), readablePhone(request.phone)],
    [t('enrolments.phone.confirmed'), momentOf(lang, request.phoneConfirmedAt, now)],
    [t('enrolments.mail'), request.mail],
  ] as const
  return (
    <>
      <dl className={classes.details}>
        {lines.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value ?? t('member.unknown')}</dd>
          </div>
        ))}
      </dl>
      <h3 className={classes.sub}>{t('join.charter')}</h3>
      <p className={classes.proof}>
        {t('enrolments.signed', {
          name: request.charter.signedName,
          at: momentOf(lang, request.charter.signedAt, now),
          version: request.charter.version,
          hash: request.charter.sha256.slice(0, 12),
        })}
      </p>
      {request.state === 'submitted' ? (
        may('enrolment.decide') && (
          <Decide request={request} nameOfTrade={props.nameOfTrade} onDone={props.onDone} />
        )
      ) : (
        <>
          <h3 className={classes.sub}>
            {t(request.state === 'approved' ? 'enrolments.over.approved' : 'enrolments.over.refused')}
          </h3>
          <p>
            {t('enrolments.by', {
              name: authorOf(t, request.decidedBy ?? ''),
              at: momentOf(lang, request.decidedAt ?? request.submittedAt, now),
            })}
          </p>
          {request.reason !== null && <p>{t(`enrolments.reason.${request.reason}`)}</p>}
          {request.note !== null && <p>{request.note}</p>}
        </>
      )}
    </>
  )
}

function Decide(props: {
  request: EnrolmentView
  nameOfTrade: (code: string) => string
  onDone: () => void
}) {
  const { t } = useText()
  const { request } = props
  const members = request.duplicates.filter(({ kind }) => kind === 'member')
  const others = request.duplicates.filter(({ kind }) => kind === 'enrolment')
  const [choice, setChoice] = useState<OntoChoice>({ into: members.length > 0 ? null : NEW, replace: [] })
  const [isRefusing, setRefusing] = useState(false)
  // Kept here, so that going back to the choice loses nothing of it.
  const refusal: RefusalForm = useForm<Refusal>({
    initialValues: { reason: null, note: '' },
    validate: { reason: (reason) => (reason === null ? t('enrolments.why.missing') : null) },
  })
  return (
    <>
      {others.length > 0 && <Alike duplicates={others} />}
      {isRefusing ? (
        <RefuseForm
          request={request}
          form={refusal}
          onDone={props.onDone}
          onBack={() => setRefusing(false)}
        />
      ) : (
        <>
          {members.length > 0 && (
            <Onto
              request={request}
              members={members}
              nameOfTrade={props.nameOfTrade}
              choice={choice}
              onChange={setChoice}
            />
          )}
          <Approve
            request={request}
            choice={choice}
            onDone={props.onDone}
            onRefuse={() => setRefusing(true)}
          />
        </>
      )}
    </>
  )
}

/** Returns a function that closes the request once it was decided, and notifies the user. */
function useDecided(onDone: () => void) {
  const client = useQueryClient()
  return async (message: string) => {
    onDone()
    void toast(message)
    await Promise.all(
      ['enrolments', 'enrolment', 'members'].map((key) => client.invalidateQueries({ queryKey: [key] })),
    )
  }
}

function Approve(props: {
  request: EnrolmentView
  choice: OntoChoice
  onDone: () => void
  onRefuse: () => void
}) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const { request, choice } = props
  const showDecided = useDecided(props.onDone)
  const approve = useAction(
    () =>
      callApi('approveEnrolment', {
        params: { scheme: scheme.id, id: request.id },
        body: approvalOf(choice),
      }),
    {
      onSuccess: () =>
        showDecided(
          t(choice.into === NEW ? 'enrolments.approved' : 'enrolments.joined', { name: request.name }),
        ),
    },
  )
  return (
    <div className={classes.decide}>
      <Failure error={approve.failure} />
      <DialogButtons onBack={props.onRefuse} back={t('enrolments.refuse')}>
        <Button disabled={choice.into === null} loading={approve.isPending} onClick={() => approve.mutate()}>
          {t('enrolments.approve')}
        </Button>
      </DialogButtons>
    </div>
  )
}

interface Refusal {
  reason: RefusalReason | null
  note: string
}
type RefusalForm = UseFormReturnType<Refusal>

/** Asks for the reason of a refusal, which the applicant gets, and a note for the file. */
function RefuseForm(props: {
  request: EnrolmentView
  form: RefusalForm
  onDone: () => void
  onBack: () => void
}) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const { request, form } = props
  const chosen = form.values.reason
  const showDecided = useDecided(props.onDone)
  const refuse = useAction(
    (reason: RefusalReason) =>
      callApi('refuseEnrolment', {
        params: { scheme: scheme.id, id: request.id },
        body: { reason, note: form.values.note },
      }),
    { form, onSuccess: () => showDecided(t('enrolments.refused', { name: request.name })) },
  )
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ reason }) => {
        if (reason !== null && !refuse.isPending) refuse.mutate(reason)
      })}
    >
      <Stack gap={16} mt={24}>
        <Radio.Group
          label={t('enrolments.why')}
          description={t('enrolments.why.notified')}
          {...form.getInputProps('reason')}
        >
          <Stack gap={8} mt={8}>
            {reasons.map((one) => (
              <Radio
                key={one}
                value={one}
                label={t(`enrolments.reason.${one}`)}
                autoFocus={one === (chosen ?? reasons[0])}
              />
            ))}
          </Stack>
        </Radio.Group>
        <Textarea
          label={t('enrolments.note')}
          description={t('enrolments.note.why')}
          autosize
          minRows={2}
          maxRows={6}
          maxLength={500}
          {...form.getInputProps('note')}
        />
      </Stack>
      <div className={classes.decide}>
        <Failure error={refuse.failure} />
        <DialogButtons onBack={props.onBack} back={t('join.back')}>
          <Button type="submit" color="red" loading={refuse.isPending}>
            {t('enrolments.refuse.do')}
          </Button>
        </DialogButtons>
      </div>
    </form>
  )
}

/** Lists other requests that seem to be from the same business or person, and why. */
function Alike(props: { duplicates: readonly Duplicate[] }) {
  const { t } = useText()
  return (
    <>
      <h3 className={classes.sub}>{t('enrolments.alike')}</h3>
      <ul className={classes.alike}>
        {props.duplicates.map((one) => (
          <li key={one.id}>
            <b>{one.name}</b> ({one.commune.name}) ·{' '}
            {one.status === null ? t('enrolments.alike.request') : t(`member.status.${one.status}`)} ·{' '}
            {one.by.map((by) => t(`enrolments.alike.${by}`)).join(', ')}
          </li>
        ))}
      </ul>
    </>
  )
}
