import { Button, Skeleton, Textarea, TextInput } from '@mantine/core'
import IconGavel from '@tabler/icons-react/icons/IconGavel'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { type FormEvent, type ReactNode, Suspense, useEffect, useMemo, useRef, useState } from 'react'
import type {
  AuthorisationAsked,
  AuthorisationDecision,
  AuthorisationUse,
  ConfirmAnswer,
  ConfirmView,
} from '../../src/alerts/magistrates/contract.ts'
import { callApi } from '../api/client.ts'
import { aboutQuery } from '../api/queries.ts'
import { useAction } from '../api/useAction.ts'
import { Frame } from '../start/Frame.tsx'
import { CodeAgain, CodeField, CodeNotice } from '../ui/fields/CodeField.tsx'
import { countOf, momentOf } from '../ui/format/format.ts'
import { useMinute } from '../ui/format/now.ts'
import { labelOf, useText } from '../ui/format/text.ts'
import { Boundary } from '../ui/frame/Boundary.tsx'
import column from '../ui/frame/Column.module.css'
import { lazyPart } from '../ui/loading/lazyPart.ts'
import { Empty, Failure } from '../ui/Notice.tsx'
import { usePageTitle } from '../ui/Page.tsx'
import classes from './Confirm.module.css'

// The page asks for a code first: the parts of the map are loaded once it is open.
const DrawnMap = lazyPart(() => import('../ui/map/TerritoryMap.tsx').then((module) => module.DrawnMap))

/** Keeps the key for this tab, so that a reload asks for no other code. */
const keyOf = (scheme: string, id: string) => `tocsin.parquet.${scheme}.${id}`

function storedKey(name: string): string | null {
  try {
    return sessionStorage.getItem(name)
  } catch {
    return null
  }
}

/**
 * The page behind the link that a magistrate gets when an authorisation is asked of them, or when another person records one under
 * their name. It shows nothing before the code.
 */
export function ConfirmPage() {
  const { t } = useText()
  usePageTitle(t('confirmation.title'))
  const params = useParams({ from: '/parquet/$scheme/$id' })
  const demo = useQuery(aboutQuery).data?.demo ?? false
  const stored = keyOf(params.scheme, params.id)
  const [view, setView] = useState<ConfirmView | null>(null)
  const keep = (next: ConfirmView) => {
    try {
      sessionStorage.setItem(stored, next.key)
    } catch {
      // Without storage, a reload asks for another code.
    }
    setView(next)
  }
  const key = storedKey(stored)
  const again = useQuery({
    queryKey: ['confirmation', params.scheme, params.id],
    queryFn: async ({ signal }) => callApi('readConfirmation', { params, body: { key: key ?? '' }, signal }),
    enabled: key !== null && view === null,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const shown = view ?? again.data ?? null
  return (
    <Frame demo={demo}>
      <div className={`${column.column} ${classes.page}`}>
        <h1>{t('confirmation.title')}</h1>
        {shown === null ? (
          <Code params={params} onOpened={keep} />
        ) : (
          <Uses view={shown} params={params} onAnswered={keep} />
        )}
      </div>
    </Frame>
  )
}

interface Params {
  readonly scheme: string
  readonly id: string
}

/** Sends the code and asks for it. */
function Code(props: { params: Params; onOpened: (view: ConfirmView) => void }) {
  const { t } = useText()
  const { params } = props
  const [code, setCode] = useState('')
  const send = useAction(() => callApi('sendConfirmCode', { params }))
  const open = useAction(
    (digits: string) => callApi('openConfirmation', { params, body: { code: digits } }),
    {
      onSuccess: props.onOpened,
    },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!open.isPending) open.mutate(code)
  }
  const { data } = send
  if (data === undefined) {
    return (
      <section className={classes.card}>
        <p>{t('confirmation.why')}</p>
        <Button size="lg" loading={send.isPending} onClick={() => send.mutate(undefined)}>
          {t('confirmation.send')}
        </Button>
        <Failure error={send.failure} />
      </section>
    )
  }
  return (
    <form className={classes.card} onSubmit={submit}>
      <CodeNotice
        turn={data.turn}
        sent={t(data.channel === 'sms' ? 'confirmation.sent.sms' : 'confirmation.sent.mail', { to: data.to })}
      />
      <CodeField
        value={code}
        onChange={setCode}
        error={open.error === null ? undefined : t('confirmation.wrong')}
        label={t('confirmation.code')}
      />
      <Button type="submit" size="lg" loading={open.isPending}>
        {t('confirmation.open')}
      </Button>
      <CodeAgain again={send} turn={data.turn} />
    </form>
  )
}

/** The authorisation of the link first, then every other use of the magistrate's name. */
function Uses(props: { view: ConfirmView; params: Params; onAnswered: (view: ConfirmView) => void }) {
  const { t } = useText()
  const { view, params } = props
  const answer = useAction(
    (given: Omit<ConfirmAnswer, 'key'>) =>
      callApi('answerConfirmation', { params, body: { ...given, key: view.key } }),
    { onSuccess: props.onAnswered },
  )
  const first = view.uses.find((use) => use.id === view.authorisationId)
  const others = view.uses.filter((use) => use !== first)
  const cardOf = (use: AuthorisationUse) => (
    <Use
      key={use.id}
      use={use}
      isSending={answer.isPending}
      map={use === first && view.communes.length > 0 ? <AreaMap view={view} area={use.area} /> : null}
      onAnswer={(given, note) => answer.mutate({ authorisationId: use.id, answer: given, note })}
    />
  )
  return (
    <>
      <p className={classes.who}>
        {t('confirmation.who', { magistrate: view.magistrate, service: view.service, scheme: view.scheme })}
      </p>
      <Failure error={answer.failure} />
      {view.asked !== null && (
        <AskedCard asked={view.asked} view={view} params={params} onAnswered={props.onAnswered} />
      )}
      {first !== undefined && cardOf(first)}
      {others.length > 0 && (
        <section className={classes.others} aria-labelledby="autres">
          <h2 id="autres">{t('confirmation.others', { count: others.length })}</h2>
          {others.map(cardOf)}
        </section>
      )}
    </>
  )
}

/** An authorisation that is being asked: the text as it would be sent, whom it reaches, and yes or no. */
function AskedCard(props: {
  asked: AuthorisationAsked
  view: ConfirmView
  params: Params
  onAnswered: (view: ConfirmView) => void
}) {
  const { t, lang } = useText()
  const now = useMinute()
  const { asked, view, params } = props
  const [scope, setScope] = useState(asked.scope ?? t('authorisation.scope.whole'))
  const [isDeclining, setDeclining] = useState(false)
  const decide = useAction(
    ({ answer, words }: Pick<AuthorisationDecision, 'answer' | 'words'>) =>
      callApi('decideAuthorisation', {
        params,
        body: { key: view.key, version: asked.version, answer, words: words.trim() },
      }),
    { onSuccess: props.onAnswered },
  )
  const when = (at: string) => momentOf(lang, at, now)
  return (
    <article
      className={classes.card}
      data-state={asked.state === 'open' ? 'pending' : 'own'}
      aria-labelledby="demande"
    >
      <h3 id="demande">
        <IconGavel size={20} aria-hidden />
        {labelOf(lang, { labelFr: asked.category.fr, labelEn: asked.category.en })} · {asked.commune}
      </h3>
      {asked.text !== null && <blockquote className={classes.text}>{asked.text}</blockquote>}
      {asked.state === 'open' && view.communes.length > 0 && <AreaMap view={view} area={asked.area} />}
      <dl className={classes.facts}>
        <div>
          <dt>{t('confirmation.area')}</dt>
          <dd>
            {asked.area} · {t('confirmation.communes', { count: asked.communes })}
            {asked.recipients !== null && ` · ${t('confirmation.recipients', { count: asked.recipients })}`}
            {asked.sms !== null &&
              ` · ${t('confirmation.phones', { count: asked.sms, shown: countOf(lang, asked.sms) })}`}
          </dd>
        </div>
        <div>
          <dt>{t('confirmation.facts')}</dt>
          <dd>{when(asked.occurredAt)}</dd>
        </div>
        <div>
          <dt>{t('confirmation.askedBy')}</dt>
          <dd>{t('confirmation.recorded.by', { by: asked.askedBy, when: when(asked.askedAt) })}</dd>
        </div>
      </dl>
      {asked.state !== 'open' && (
        <p role="status" className={classes.state}>
          {t(`confirmation.asked.${asked.state}`, {
            who: asked.endedBy ?? '',
            when: asked.endedAt === null ? '' : when(asked.endedAt),
          })}
        </p>
      )}
      {asked.state === 'open' && !isDeclining && (
        <>
          <TextInput
            label={t('confirmation.scope')}
            size="md"
            maxLength={500}
            value={scope}
            onChange={(event) => setScope(event.currentTarget.value)}
          />
          <Failure error={decide.failure} />
          <div className={classes.answers}>
            <Button
              size="lg"
              disabled={scope.trim() === ''}
              loading={decide.isPending}
              onClick={() => decide.mutate({ answer: 'authorised', words: scope })}
            >
              {t('authorisation.give.confirm')}
            </Button>
            <Button
              size="lg"
              variant="default"
              disabled={decide.isPending}
              onClick={() => setDeclining(true)}
            >
              {t('authorisation.decline')}
            </Button>
          </div>
        </>
      )}
      {asked.state === 'open' && isDeclining && (
        <NoForm
          what={t('authorisation.decline.what')}
          confirm={t('authorisation.decline.confirm')}
          isSending={decide.isPending}
          failure={decide.failure}
          onConfirm={(words) => decide.mutate({ answer: 'declined', words })}
          onBack={() => setDeclining(false)}
        />
      )}
    </article>
  )
}

/** Explains what a refusal causes, and takes a reason; the whole form scrolls into view. */
function NoForm(props: {
  what: string
  confirm: string
  isSending: boolean
  failure: unknown
  onConfirm: (words: string) => void
  onBack: () => void
}) {
  const { t } = useText()
  const [words, setWords] = useState('')
  const form = useRef<HTMLDivElement>(null)
  const field = useRef<HTMLTextAreaElement>(null)
  useEffect(() => {
    field.current?.focus({ preventScroll: true })
    form.current?.scrollIntoView({ block: 'end' })
  }, [])
  return (
    <div ref={form} className={classes.deny}>
      <p>{props.what}</p>
      <Textarea
        ref={field}
        label={t('confirmation.note')}
        size="md"
        autosize
        minRows={2}
        maxLength={500}
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
      />
      <Failure error={props.failure} />
      <div className={classes.answers}>
        <Button size="lg" color="red" loading={props.isSending} onClick={() => props.onConfirm(words)}>
          {props.confirm}
        </Button>
        <Button size="lg" variant="default" onClick={props.onBack}>
          {t('confirmation.back')}
        </Button>
      </div>
    </div>
  )
}

/** Shows the alerted communes; the area in words and the counts stand below it. */
function AreaMap(props: { view: ConfirmView; area: string }) {
  const { t } = useText()
  const { communes, map } = props.view
  const paint = useMemo(() => new Map(communes.map((code) => [code, 0.7])), [communes])
  return (
    <div className={classes.map}>
      <Boundary fallback={<Empty small title={t('map.broken')} />}>
        <Suspense fallback={<Skeleton role="img" height="100%" radius="md" aria-label={t('map.loading')} />}>
          <DrawnMap
            map={map}
            tint="accent"
            paint={paint}
            legend="map.legend.area"
            follow
            label={t('map.area', { area: props.area, communes: communes.length })}
            describe={(_, name) => name}
          />
        </Suspense>
      </Boundary>
    </div>
  )
}

function Use(props: {
  use: AuthorisationUse
  map: ReactNode
  isSending: boolean
  onAnswer: (answer: ConfirmAnswer['answer'], note: string) => void
}) {
  const { t, lang } = useText()
  const now = useMinute()
  const { use } = props
  const [isDenying, setDenying] = useState(false)
  const when = (at: string) => momentOf(lang, at, now)
  return (
    <article className={classes.card} data-state={use.confirmation ?? 'own'} aria-labelledby={`u-${use.id}`}>
      <h3 id={`u-${use.id}`}>
        <IconGavel size={20} aria-hidden />
        {labelOf(lang, { labelFr: use.category.fr, labelEn: use.category.en })} · {use.commune}
      </h3>
      {use.text === null ? (
        <p className={classes.mute}>{t('confirmation.changed')}</p>
      ) : (
        <blockquote className={classes.text}>{use.text}</blockquote>
      )}
      {props.map}
      <dl className={classes.facts}>
        <div>
          <dt>{t('confirmation.area')}</dt>
          <dd>{use.area}</dd>
        </div>
        {use.audience !== null && (
          <div>
            <dt>{t(use.sentAt === null ? 'confirmation.audience.now' : 'confirmation.audience')}</dt>
            <dd>
              {use.audience.members !== null &&
                `${t('confirmation.members', { count: use.audience.members, shown: countOf(lang, use.audience.members) })} · `}
              {t('confirmation.phones', { count: use.audience.sms, shown: countOf(lang, use.audience.sms) })}
            </dd>
          </div>
        )}
        <div>
          <dt>{t('confirmation.scope')}</dt>
          <dd>{use.scope}</dd>
        </div>
        <div>
          <dt>{t('confirmation.recorded')}</dt>
          <dd>{t('confirmation.recorded.by', { by: use.recordedBy, when: when(use.recordedAt) })}</dd>
        </div>
        <div>
          <dt>{t('confirmation.message')}</dt>
          <dd>
            {use.reference} ·{' '}
            {use.sentAt === null
              ? t('confirmation.waiting')
              : t('confirmation.left', { when: when(use.sentAt) })}
          </dd>
        </div>
      </dl>
      {use.confirmation === 'pending' && !isDenying && (
        <div className={classes.answers}>
          <Button size="lg" loading={props.isSending} onClick={() => props.onAnswer('confirmed', '')}>
            {t('confirmation.yes')}
          </Button>
          <Button size="lg" variant="default" disabled={props.isSending} onClick={() => setDenying(true)}>
            {t('confirmation.no')}
          </Button>
        </div>
      )}
      {use.confirmation === 'pending' && isDenying && (
        <NoForm
          what={t('confirmation.no.means')}
          confirm={t('confirmation.no.sure')}
          isSending={props.isSending}
          failure={null}
          onConfirm={(note) => props.onAnswer('denied', note)}
          onBack={() => setDenying(false)}
        />
      )}
      {use.confirmation !== 'pending' && (
        <p role="status" className={classes.state}>
          {use.confirmation === null
            ? t('confirmation.own')
            : t(use.confirmation === 'confirmed' ? 'confirmation.confirmed' : 'confirmation.denied', {
                when: use.answeredAt === null ? '' : when(use.answeredAt),
              })}
        </p>
      )}
    </article>
  )
}
