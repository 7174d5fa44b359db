import { Button, NativeSelect, Skeleton, TextInput } from '@mantine/core'
import { type UseFormReturnType, useForm } from '@mantine/form'
import { infiniteQueryOptions, keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { DAY_MS } from '../../../../src/message/clock.ts'
import type {
  AnswerDataRequest,
  DataRequestView,
  NewDataRequest,
} from '../../../../src/privacy/requests/contract.ts'
import { callApi, urlOf } from '../../../api/client.ts'
import { today as schemeToday } from '../../../api/clock.ts'
import { newId } from '../../../api/ids.ts'
import { useAction } from '../../../api/useAction.ts'
import { DateField } from '../../../ui/fields/days/DateField.tsx'
import { dayOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { StateTag } from '../../../ui/StateTag.tsx'
import { memberQuery } from '../../members/queries.ts'
import classes from '../Settings.module.css'
import { ErasedTraces, ErasureChoices, hasErased } from './Erasure.tsx'
import { type ErasureChoice, useErasurePreview } from './useErasurePreview.ts'

const KINDS = ['access', 'rectification', 'erasure', 'objection'] as const
const VIAS = ['letter', 'mail', 'phone', 'desk'] as const
const requestsQuery = (schemeId: string) =>
  infiniteQueryOptions({
    queryKey: ['data-requests', schemeId],
    queryFn: ({ signal, pageParam }) =>
      callApi('listDataRequests', { params: { scheme: schemeId }, query: { offset: pageParam }, signal }),
    initialPageParam: 0,
    getNextPageParam: (page, pages) => {
      const read = pages.reduce((sum, one) => sum + one.requests.length, 0)
      return read < page.total && page.requests.length > 0 ? read : null
    },
    placeholderData: keepPreviousData,
  })

/** Lists requests about personal data, each with its deadline and its answer. */
export function RequestsSection(props: { schemeId: string }) {
  const { t } = useText()
  const { membre } = useSearch({ from: '/shell/reglages' })
  const [isNew, setNew] = useState(membre !== undefined)
  const requests = useInfiniteQuery(requestsQuery(props.schemeId))
  const listed = requests.data?.pages.flatMap((page) => page.requests)
  return (
    <section aria-labelledby="demandes-donnees">
      <h3 id="demandes-donnees">{t('requests.title')}</h3>
      <p className={classes.lead}>{t('requests.what')}</p>
      {isNew ? (
        <NewRequest schemeId={props.schemeId} memberId={membre} onClose={() => setNew(false)} />
      ) : (
        <Button variant="default" mt={10} onClick={() => setNew(true)}>
          {t('requests.new')}
        </Button>
      )}
      {requests.isError && <Failure error={requests.error} retry={() => void requests.refetch()} />}
      {requests.isPending && <Skeleton height={80} mt={12} radius="lg" />}
      {listed !== undefined &&
        (listed.length === 0 ? (
          <p className={classes.lead}>{t('requests.none')}</p>
        ) : (
          <ul className={classes.requests} aria-label={t('requests.title')}>
            {listed.map((request) => (
              <Request key={request.id} schemeId={props.schemeId} request={request} />
            ))}
          </ul>
        ))}
      {requests.hasNextPage && (
        <Button
          variant="default"
          mih={44}
          mt={10}
          loading={requests.isFetchingNextPage}
          onClick={() => void requests.fetchNextPage()}
        >
          {t('action.more')}
        </Button>
      )}
    </section>
  )
}

function NewRequest(props: { schemeId: string; memberId: string | undefined; onClose: () => void }) {
  const { t } = useText()
  const navigate = useNavigate()
  const today = schemeToday()
  const [id] = useState(newId)
  const form = useForm<Required<Pick<NewDataRequest, 'kind' | 'via' | 'person' | 'receivedOn'>>>({
    initialValues: { kind: 'access', via: 'mail', person: '', receivedOn: today },
  })
  const member = useQuery({
    ...memberQuery(props.schemeId, props.memberId ?? ''),
    enabled: props.memberId !== undefined,
  }).data
  function closeForm(): void {
    if (props.memberId !== undefined)
      void navigate({ to: '/reglages', search: { partie: 'donnees' }, replace: true })
    props.onClose()
  }
  const save = useAction(
    () =>
      callApi('enterDataRequest', {
        params: { scheme: props.schemeId },
        body: { id, ...form.values, memberId: props.memberId },
      }),
    {
      form,
      success: t('requests.entered'),
      refresh: [['data-requests', props.schemeId]],
      onSuccess: () => closeForm(),
    },
  )
  function submitRequest(event: FormEvent): void {
    event.preventDefault()
    if (!save.isPending) save.mutate()
  }
  return (
    <form className={classes.requestForm} noValidate onSubmit={submitRequest} aria-label={t('requests.new')}>
      {props.memberId !== undefined && <p>{t('requests.of', { name: member?.name ?? '' })}</p>}
      <NativeSelect
        label={t('requests.kind')}
        autoFocus
        {...form.getInputProps('kind')}
        data={KINDS.map((one) => ({ value: one, label: t(`requests.kind.${one}`) }))}
      />
      <NativeSelect
        label={t('requests.via')}
        {...form.getInputProps('via')}
        data={VIAS.map((one) => ({ value: one, label: t(`requests.via.${one}`) }))}
      />
      <TextInput
        label={t('requests.person')}
        description={t(props.memberId === undefined ? 'requests.person.needed' : 'requests.person.optional')}
        maxLength={120}
        {...form.getInputProps('person')}
      />
      <DateField
        kind="day"
        label={t('requests.receivedOn')}
        max={today}
        {...form.getInputProps('receivedOn')}
      />
      <Failure error={save.failure} />
      <div className={classes.requestActs}>
        <Button type="submit" loading={save.isPending}>
          {t('requests.enter')}
        </Button>
        <Button variant="default" disabled={save.isPending} onClick={closeForm}>
          {t('requests.cancel')}
        </Button>
      </div>
    </form>
  )
}

function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS)
}

/** Leads to what answers a request: the file of the person, or the form of the member. */
function Help(props: { schemeId: string; request: DataRequestView }) {
  const { t } = useText()
  const { request } = props
  const params = { scheme: props.schemeId, id: request.id }
  if (request.kind === 'access')
    return (
      <div className={classes.requestHelp}>
        <Button component="a" variant="default" target="_blank" href={urlOf('getFilePdf', { params })}>
          {t('requests.file.pdf')}
        </Button>
        <Button component="a" variant="default" download href={urlOf('getFileJson', { params })}>
          {t('requests.file.json')}
        </Button>
        <p className={classes.lead}>
          {t(request.member === null ? 'requests.file.stranger' : 'requests.file.what')}
        </p>
      </div>
    )
  if (request.kind !== 'rectification' || request.member === null) return null
  const memberId = request.member.id
  return (
    <div className={classes.requestHelp}>
      <Button
        variant="default"
        renderRoot={(root: object) => (
          <Link {...root} to="/adherents/$memberId" params={{ memberId }} search={{ corriger: 'oui' }} />
        )}
      >
        {t('requests.correct')}
      </Button>
      <p className={classes.lead}>{t('requests.correct.what')}</p>
    </div>
  )
}

type Outcome = AnswerDataRequest['outcome']

function Request(props: { schemeId: string; request: DataRequestView }) {
  const { t, lang } = useText()
  const { request } = props
  const [asked, setAsked] = useState<Outcome | null>(null)
  const form = useForm({ initialValues: { answer: '' } })
  const today = schemeToday()
  const isLate = request.state === 'open' && request.dueOn < today
  return (
    <li className={classes.request}>
      <div>
        <b>{t(`requests.kind.${request.kind}`)}</b>{' '}
        <StateTag tone={isLate ? 'bad' : request.state === 'open' ? 'warn' : 'neutral'}>
          {isLate ? t('requests.late') : t(`requests.state.${request.state}`)}
        </StateTag>
        <p>
          {[request.member?.name, request.person].filter(Boolean).join(' · ') || t('requests.nobody')} ·{' '}
          {t(`requests.via.${request.via}`)}
        </p>
        <p className={classes.lead}>
          {request.decidedAt === null
            ? t('requests.due', {
                received: dayOf(lang, request.receivedOn),
                due: dayOf(lang, request.dueOn),
              })
            : t('requests.decided', {
                received: dayOf(lang, request.receivedOn),
                decided: dayOf(lang, request.decidedAt),
              })}
          {request.state === 'open' && !isLate && (
            <> · {t('requests.left', { days: daysBetween(today, request.dueOn) })}</>
          )}
        </p>
        {request.state === 'open' && <Help schemeId={props.schemeId} request={request} />}
        {request.erased !== null && <p>{t(hasErased(request) ? 'requests.erased' : 'requests.nothing')}</p>}
        {request.traces !== null && <ErasedTraces traces={request.traces} />}
        {request.answer !== '' && <p>{request.answer}</p>}
      </div>
      {request.state === 'open' && asked === null && (
        <div className={classes.requestActs}>
          <Button variant="default" onClick={() => setAsked('done')}>
            {t(isErasure(request) ? 'requests.erase' : 'requests.done')}
          </Button>
          <Button variant="default" onClick={() => setAsked('refused')}>
            {t('requests.refuse')}
          </Button>
        </div>
      )}
      {asked !== null && <AnswerForm {...props} form={form} outcome={asked} onClose={() => setAsked(null)} />}
    </li>
  )
}

const isErasure = ({ kind }: DataRequestView) => kind === 'erasure'

/** Closes a request: with the answer given, or the reason of a refusal. An erasure is carried out by it. */
function AnswerForm(props: {
  schemeId: string
  request: DataRequestView
  /** Keeps what is typed while the form is closed. */
  form: UseFormReturnType<{ answer: string }>
  outcome: Outcome
  onClose: () => void
}) {
  const { t } = useText()
  const { schemeId, request, form, outcome } = props
  const isRefusal = outcome === 'refused'
  const erases = !isRefusal && isErasure(request)
  const [choice, setChoice] = useState<ErasureChoice>({})
  const preview = useErasurePreview(schemeId, request, { choice, isAsked: erases })
  const save = useAction(
    () =>
      callApi('answerDataRequest', {
        params: { scheme: schemeId, id: request.id },
        body: { outcome, ...form.values, ...(erases ? choice : {}) },
      }),
    {
      form,
      success: (answered) =>
        t(
          answered.erased === null
            ? 'requests.answered'
            : hasErased(answered)
              ? 'requests.erased'
              : 'requests.nothing',
        ),
      refresh: [
        ['retention', schemeId],
        ['members', schemeId],
        ['data-requests', schemeId],
      ],
      onSuccess: props.onClose,
    },
  )
  return (
    <form
      className={classes.requestForm}
      noValidate
      onSubmit={form.onSubmit(() => {
        if (!save.isPending) save.mutate()
      })}
    >
      {erases && <ErasureChoices request={request} preview={preview} onChoose={setChoice} />}
      <TextInput
        label={t(isRefusal ? 'requests.why' : 'requests.answer')}
        required={isRefusal}
        autoFocus
        maxLength={500}
        {...form.getInputProps('answer')}
      />
      <Failure error={save.failure} />
      <div className={classes.requestActs}>
        <Button
          type="submit"
          loading={save.isPending}
          {...(erases && { color: 'red', disabled: preview.data === undefined || preview.isPlaceholderData })}
        >
          {t(
            isRefusal
              ? 'requests.refuse.confirm'
              : erases
                ? 'requests.erase.confirm'
                : 'requests.done.confirm',
          )}
        </Button>
        <Button variant="default" disabled={save.isPending} onClick={props.onClose}>
          {t('requests.cancel')}
        </Button>
      </div>
    </form>
  )
}
