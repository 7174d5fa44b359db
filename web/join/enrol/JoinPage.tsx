import { Skeleton } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Suspense, useEffect, useRef } from 'react'
import type { OwnEnrolmentView, PublicSchemeView } from '../../../src/enrolment/contract.ts'
import { aboutQuery } from '../../api/queries.ts'
import { Frame } from '../../start/Frame.tsx'
import '../../ui/mantine/mantine-room.ts'
import { type TextKey, useText } from '../../ui/format/text.ts'
import { lazyPart } from '../../ui/loading/lazyPart.ts'
import { Failure } from '../../ui/Notice.tsx'
import { usePageTitle } from '../../ui/Page.tsx'
import classes from '../Join.module.css'
import { NoScheme } from '../NoScheme.tsx'
import { ownEnrolmentQuery, publicSchemeQuery } from '../queries.ts'
import { BusinessForm } from './BusinessForm.tsx'
import { CodeForm } from './CodeForm.tsx'
import { ContactForm } from './ContactForm.tsx'
import { Sent } from './Sent.tsx'

// The last step.
const CharterForm = lazyPart(() => import('./CharterForm.tsx').then((module) => module.CharterForm))

export const joinSteps = ['commerce', 'contact', 'code', 'charte'] as const
export type JoinStep = (typeof joinSteps)[number]

const titles: Record<JoinStep, TextKey> = {
  commerce: 'join.step.business',
  contact: 'join.step.contact',
  code: 'join.step.code',
  charte: 'join.step.charter',
}
/** The three steps as shown; the code is part of the contact. */
const places: Record<JoinStep, number> = { commerce: 1, contact: 2, code: 2, charte: 3 }
const shown = ['join.place.business', 'join.place.contact', 'join.place.charter'] as const

/** Returns the furthest step that the stored data allow; completed steps can be opened again. */
function furthest(own: OwnEnrolmentView | null): JoinStep {
  if (own === null) return 'commerce'
  return own.step === 'charter' ? 'charte' : own.step === 'code' ? 'code' : 'contact'
}

/** Joining the scheme, on a phone: three steps, each stored on the server, so that a reload continues where it was. */
export function JoinPage() {
  const { t } = useText()
  const { scheme: schemeId } = useParams({ from: '/dispositif/$scheme/inscription' })
  const demo = useQuery(aboutQuery).data?.demo ?? false
  const scheme = useQuery(publicSchemeQuery(schemeId))
  const own = useQuery(ownEnrolmentQuery(schemeId))
  usePageTitle(scheme.data === undefined ? t('join.enrol') : `${t('join.enrol.title')} · ${scheme.data.name}`)
  return (
    <Frame demo={demo} schemeId={schemeId}>
      <div className={classes.page}>
        {(scheme.isPending || own.isPending) && !scheme.isError && !own.isError && (
          <Skeleton height="100vh" radius="lg" />
        )}
        {scheme.isLoadingError && <NoScheme error={scheme.error} retry={() => void scheme.refetch()} />}
        {!scheme.isLoadingError && own.isLoadingError && (
          <>
            <h1>{t('join.enrol.title')}</h1>
            <Failure error={own.error} retry={() => void own.refetch()} />
          </>
        )}
        {scheme.data !== undefined && own.data !== undefined && <Steps scheme={scheme.data} own={own.data} />}
      </div>
    </Frame>
  )
}

function Steps(props: { scheme: PublicSchemeView; own: OwnEnrolmentView | null }) {
  const { t } = useText()
  const { scheme, own } = props
  const client = useQueryClient()
  const navigate = useNavigate()
  const { etape } = useSearch({ from: '/dispositif/$scheme/inscription' })
  const limit = furthest(own)
  const over = own !== null && own.state !== 'draft' ? { own, state: own.state } : null
  const isOver = over !== null
  const step = etape !== undefined && joinSteps.indexOf(etape) <= joinSteps.indexOf(limit) ? etape : limit
  const place = isOver ? 3 : places[step]
  const heading = useFocusOnChange(step, isOver)

  const go = (next: JoinStep | undefined, replace = false) =>
    navigate({
      to: '/dispositif/$scheme/inscription',
      params: { scheme: scheme.id },
      search: next === undefined ? {} : { etape: next },
      replace,
    })
  /** Stores the server's response, and moves to the next step. */
  const take = async (enrolment: OwnEnrolmentView | null, next?: JoinStep) => {
    // The step that is left gets its address, so that the browser's Back opens it and not the furthest one.
    if (next !== undefined && etape === undefined) await go(step, true)
    client.setQueryData(ownEnrolmentQuery(scheme.id).queryKey, enrolment)
    await go(next)
  }
  return (
    <>
      <div>
        <p>
          <Link to="/dispositif/$scheme" params={{ scheme: scheme.id }} className={classes.link}>
            {scheme.name}
          </Link>
        </p>
        <h1 ref={heading} tabIndex={-1}>
          {over === null ? t(titles[step]) : t(`join.over.${over.state}`)}
        </h1>
      </div>
      <Places place={place} isOver={isOver} />
      {over !== null ? (
        <Sent scheme={scheme} own={over.own} onAgain={() => take(null)} />
      ) : (
        <Step scheme={scheme} own={own} step={step} onDone={take} onBack={go} />
      )}
    </>
  )
}

/** Moves the view and screen readers to the title of a new step. @returns the ref of the title */
function useFocusOnChange(step: JoinStep, isOver: boolean) {
  const heading = useRef<HTMLHeadingElement>(null)
  const isFirst = useRef(true)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the step is the reason to move
  useEffect(() => {
    if (!isFirst.current) heading.current?.focus()
    isFirst.current = false
    window.scrollTo({ top: 0 })
  }, [step, isOver])
  return heading
}

/** Shows the three steps, and which of them are reached. */
function Places(props: { place: number; isOver: boolean }) {
  const { t } = useText()
  const { place, isOver } = props
  return (
    <ol className={classes.steps} aria-label={t('join.progress', { place, total: shown.length })}>
      {shown.map((key, i) => (
        <li
          key={key}
          data-reached={i < place || undefined}
          aria-current={i + 1 === place && !isOver ? 'step' : undefined}
        >
          {t(key)}
        </li>
      ))}
    </ol>
  )
}

/** Shows the form of a step. */
function Step(props: {
  scheme: PublicSchemeView
  own: OwnEnrolmentView | null
  step: JoinStep
  onDone: (enrolment: OwnEnrolmentView | null, next?: JoinStep) => void
  onBack: (step: JoinStep) => void
}) {
  const { scheme, own, step, onDone, onBack } = props
  if (step === 'commerce') return <BusinessForm scheme={scheme} own={own} onDone={onDone} />
  if (own === null) return null
  const shared = { scheme, own, onDone }
  if (step === 'contact') return <ContactForm {...shared} onBack={() => onBack('commerce')} />
  if (step === 'code') return <CodeForm {...shared} onBack={() => onBack('contact')} />
  return (
    <Suspense fallback={<Skeleton height="100vh" radius="lg" />}>
      <CharterForm {...shared} onBack={() => onBack('contact')} />
    </Suspense>
  )
}
