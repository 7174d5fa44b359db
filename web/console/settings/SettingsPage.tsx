import { Skeleton, VisuallyHidden } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useRouter, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useRef, useState } from 'react'
import type { DoctrineView, SchemeView } from '../../../src/schemes/contract.ts'
import type { SettingName } from '../../../src/settings/rules.ts'
import { schemeQuery } from '../../api/queries.ts'
import { Leaving } from '../../ui/account/Leaving.tsx'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import { Page } from '../../ui/Page.tsx'
import { useCurrent } from '../shell/current.tsx'
import { ChangesSection, PastChanges } from './changes/ChangesSection.tsx'
import { Waiting } from './changes/Waiting.tsx'
import { AnswersSection } from './doctrine/AnswersSection.tsx'
import { CareSection } from './doctrine/CareSection.tsx'
import { DoctrineSection } from './doctrine/DoctrineSection.tsx'
import { TracingSection } from './doctrine/TracingSection.tsx'
import { useDoctrineDraft } from './doctrine/useDoctrineDraft.ts'
import { DuesSection } from './membership/DuesSection.tsx'
import { EnrolmentSection } from './membership/EnrolmentSection.tsx'
import { MessagesSection } from './membership/MessagesSection.tsx'
import { OnCallSection } from './on-call/OnCallSection.tsx'
import { AccessSection } from './people/AccessSection.tsx'
import { PrivacySection } from './privacy/PrivacySection.tsx'
import { doctrineQuery } from './queries.ts'
import classes from './Settings.module.css'
import {
  BackToSettings,
  firstPart,
  PartLink,
  rights,
  SettingsList,
  settingsScreenAt,
  useOneAtATime,
} from './SettingsList.tsx'
import { ObserversSection } from './scheme/ObserversSection.tsx'
import { type SettingsPart, settingsParts } from './search.ts'

const PeopleSection = lazy(() =>
  import('./people/PeopleSection.tsx').then((module) => ({ default: module.PeopleSection })),
)

const AgenciesSection = lazy(() =>
  import('./scheme/AgenciesSection.tsx').then((module) => ({ default: module.AgenciesSection })),
)

const TradesSection = lazy(() =>
  import('./trades/TradesSection.tsx').then((module) => ({ default: module.TradesSection })),
)

const TextsSection = lazy(() =>
  import('./texts/TextsSection.tsx').then((module) => ({ default: module.TextsSection })),
)

const SchemeSection = lazy(() =>
  import('./scheme/SchemeSection.tsx').then((module) => ({ default: module.SchemeSection })),
)

const MailSection = lazy(() =>
  import('./channels/MailSection.tsx').then((module) => ({ default: module.MailSection })),
)

const OrderSection = lazy(() =>
  import('./channels/OrderSection.tsx').then((module) => ({ default: module.OrderSection })),
)

const BreakGlassSection = lazy(() =>
  import('./people/BreakGlassSection.tsx').then((module) => ({ default: module.BreakGlassSection })),
)

/** Returns whether a section shows a setting, of which a change may wait. */
const waits: Partial<Record<SettingsPart, (setting: SettingName) => boolean>> = {
  doctrine: (name) =>
    name.startsWith('doctrine.') && name !== 'doctrine.care' && name !== 'doctrine.leakTracing',
  dispositif: (name) => name.startsWith('scheme.'),
  textes: (name) => name.startsWith('categories.') || name.startsWith('texts.'),
  sollicitation: (name) => name === 'doctrine.care',
  reponses: (name) => name === 'doctrine.care',
  acces: (name) => name.startsWith('access.'),
  personnes: (name) => name.startsWith('role_'),
  astreintes: (name) => name.startsWith('magistrates.'),
  observateurs: (name) => name.startsWith('observers.'),
  tracage: (name) => name === 'doctrine.leakTracing',
  adhesion: (name) => name.startsWith('enrolment.'),
  cotisations: (name) => name.startsWith('dues.'),
  messages: (name) => name.startsWith('messages.'),
}

type Dirty = Partial<Record<SettingsPart, boolean>>

/** The settings of the scheme: changed by its chamber, visible to the users they apply to. */
export function SettingsPage() {
  const { may } = useCurrent()
  return may('doctrine.read') ? <AllSettings /> : <AccountsOnly />
}

/** The page of the roles of the installation, which read no other setting: the people, and the break-glass account. */
function AccountsOnly() {
  const { t } = useText()
  const { scheme: mine, may } = useCurrent()
  const { partie } = useSearch({ from: '/shell/reglages' })
  const scheme = useQuery(schemeQuery(mine.id))
  const parts = (['personnes', 'secours'] as const).filter((part) => may(rights[part]))
  const shown = parts.find((part) => part === partie) ?? 'personnes'
  return (
    <Page
      title={t(`settings.part.${shown}`)}
      lead={`${shown === 'personnes' ? `${mine.name} · ` : ''}${t(`settings.part.${shown}.what`)}`}
    >
      <nav aria-label={t('settings.parts')}>
        <ul className={classes.few}>
          {parts.map((part) => (
            <li key={part}>
              <PartLink part={part} isShown={part === shown} />
            </li>
          ))}
        </ul>
      </nav>
      {shown === 'secours' && (
        <Suspense fallback={<Skeleton height={240} radius="lg" />}>
          <div className={classes.body}>
            <BreakGlassSection heading="h2" />
          </div>
        </Suspense>
      )}
      {scheme.isError && <Failure error={scheme.error} retry={() => void scheme.refetch()} />}
      {shown === 'personnes' && scheme.isPending && <Skeleton height={240} radius="lg" />}
      {shown === 'personnes' && scheme.data !== undefined && (
        <div key={mine.id} className={classes.body}>
          {waits.personnes !== undefined && <Waiting isHere={waits.personnes} />}
          <Suspense fallback={<Skeleton height={240} radius="lg" />}>
            <PeopleSection scheme={scheme.data} />
          </Suspense>
          <PastChanges />
        </div>
      )}
    </Page>
  )
}

function AllSettings() {
  const { t } = useText()
  const { scheme: mine, may } = useCurrent()
  const { partie } = useSearch({ from: '/shell/reglages' })
  const scheme = useQuery(schemeQuery(mine.id))
  const doctrine = useQuery(doctrineQuery(mine.id))
  const failed = [scheme, doctrine].find(({ isError }) => isError)
  const isNarrow = useOneAtATime()
  const requested = settingsParts.find((part) => part === partie && may(rights[part]))
  /** Null: the list, on a screen too narrow for the list and a part. */
  const shown = requested ?? (isNarrow ? null : firstPart(may))
  const isPart = isNarrow && shown !== null
  const content = useRef<HTMLDivElement>(null)
  const focus = (target: string) => content.current?.querySelector<HTMLElement>(target)?.focus()
  useFocusOnChange(isNarrow, shown, (before) => {
    focus(shown === null ? `[data-part="${before}"]` : `#${shown}`)
  })
  const { resolvedLocation } = useRouter().state
  /** The screen that this one replaces, until its link in the list has the focus. */
  const left = useRef(settingsScreenAt(resolvedLocation?.pathname))
  useEffect(() => {
    if (left.current === null || content.current === null) return
    if (isNarrow && shown === null) focus(`[data-part="${left.current}"]`)
    left.current = null
  })
  return (
    <Page
      title={isPart ? t(`settings.part.${shown}`) : t('nav.settings')}
      {...(isPart ? { heading: <BackToSettings /> } : { lead: t('settings.lead', { scheme: mine.name }) })}
    >
      {failed !== undefined && (
        <Failure
          error={failed.error}
          retry={() => {
            void scheme.refetch()
            void doctrine.refetch()
          }}
        />
      )}
      {failed === undefined && (scheme.data === undefined || doctrine.data === undefined) && (
        <Skeleton height={420} radius="lg" />
      )}
      {scheme.data !== undefined && doctrine.data !== undefined && (
        // Unsaved changes belong to one scheme.
        <div key={mine.id} ref={content}>
          <Parts scheme={scheme.data} view={doctrine.data} shown={shown} isNarrow={isNarrow} />
        </div>
      )}
    </Page>
  )
}

/** Calls `move` after the part and the list, or two parts, replaced each other on a narrow screen. */
function useFocusOnChange(
  isNarrow: boolean,
  shown: SettingsPart | null,
  move: (before: SettingsPart | null) => void,
): void {
  const last = useRef({ isNarrow, shown })
  useEffect(() => {
    const before = last.current
    last.current = { isNarrow, shown }
    // A screen that was turned or made wider keeps its focus.
    if (isNarrow && before.isNarrow && before.shown !== shown) move(before.shown)
  })
}

function Parts(props: {
  scheme: SchemeView
  view: DoctrineView
  /** Null: the list alone. */
  shown: SettingsPart | null
  isNarrow: boolean
}) {
  const { t } = useText()
  const { may } = useCurrent()
  const { scheme, view, shown, isNarrow } = props
  const parts = settingsParts.filter((part) => may(rights[part]))
  const maySet = may('doctrine.set')
  const doctrine = useDoctrineDraft(scheme.id, view, maySet)
  const care = useDoctrineDraft(scheme.id, view, maySet)
  const answers = useDoctrineDraft(scheme.id, view, maySet)
  const tracing = useDoctrineDraft(scheme.id, view, maySet)
  const [isTextsDirty, setTextsDirty] = useState(false)
  const [isSchemeDirty, setSchemeDirty] = useState(false)
  const [isCharterDirty, setCharterDirty] = useState(false)
  const [isDuesDirty, setDuesDirty] = useState(false)
  const [isAccessDirty, setAccessDirty] = useState(false)
  const [isMessagesDirty, setMessagesDirty] = useState(false)
  const [isTradesDirty, setTradesDirty] = useState(false)
  const dirty: Dirty = {
    dispositif: isSchemeDirty,
    textes: isTextsDirty,
    doctrine: doctrine.changes.length > 0,
    sollicitation: care.changes.length > 0,
    reponses: answers.changes.length > 0,
    tracage: tracing.changes.length > 0,
    acces: isAccessDirty,
    adhesion: isCharterDirty,
    metiers: isTradesDirty,
    cotisations: isDuesDirty,
    messages: isMessagesDirty,
  }
  const [opened, setOpened] = useState<ReadonlySet<SettingsPart>>(new Set())
  useEffect(() => {
    if (shown !== null) setOpened((before) => new Set([...before, shown]))
  }, [shown])
  const onDirty = useCallback((is: boolean) => setCharterDirty(is), [])
  const bodies: Record<SettingsPart, () => ReactNode> = {
    dispositif: () => (
      <Suspense fallback={<Skeleton height={240} />}>
        <SchemeSection scheme={scheme} mayChange={maySet} onDirty={setSchemeDirty} />
      </Suspense>
    ),
    textes: () => (
      <Suspense fallback={<Skeleton height={240} />}>
        <TextsSection scheme={scheme} mayChange={maySet} onDirty={setTextsDirty} />
      </Suspense>
    ),
    doctrine: () => <DoctrineSection draft={doctrine} scheme={scheme} />,
    sollicitation: () => <CareSection draft={care} />,
    reponses: () => <AnswersSection draft={answers} />,
    services: () => (
      <Suspense fallback={<Skeleton height={320} />}>
        <AgenciesSection scheme={scheme} />
      </Suspense>
    ),
    personnes: () => (
      <Suspense fallback={<Skeleton height={240} />}>
        <PeopleSection scheme={scheme} />
      </Suspense>
    ),
    acces: () => <AccessSection scheme={scheme} onDirty={setAccessDirty} />,
    astreintes: () => <OnCallSection scheme={scheme} />,
    observateurs: () => <ObserversSection scheme={scheme} />,
    tracage: () => (
      <TracingSection
        draft={tracing}
        prefix={scheme.referencePrefix}
        ownsCharter={may('enrolment.settings')}
      />
    ),
    adhesion: () => (
      <EnrolmentSection schemeId={scheme.id} mayPublish={may('charter.publish')} onDirty={onDirty} />
    ),
    metiers: () => (
      <Suspense fallback={<Skeleton height={320} />}>
        <TradesSection schemeId={scheme.id} onDirty={setTradesDirty} />
      </Suspense>
    ),
    cotisations: () => <DuesSection schemeId={scheme.id} onDirty={setDuesDirty} />,
    messages: () => <MessagesSection schemeId={scheme.id} onDirty={setMessagesDirty} />,
    courriel: () => (
      <Suspense fallback={<Skeleton height={320} />}>
        <MailSection schemeId={scheme.id} />
      </Suspense>
    ),
    repli: () => (
      <Suspense fallback={<Skeleton height={320} />}>
        <OrderSection scheme={scheme} />
      </Suspense>
    ),
    changements: () => <ChangesSection />,
    donnees: () => <PrivacySection schemeId={scheme.id} />,
    secours: () => (
      <Suspense fallback={<Skeleton height={240} />}>
        <BreakGlassSection />
      </Suspense>
    ),
  }
  return (
    <div className={classes.layout}>
      {(!isNarrow || shown === null) && (
        <SettingsList
          shown={shown}
          after={(part) =>
            dirty[part] === true && (
              <>
                <span className={classes.dot} aria-hidden />
                <VisuallyHidden>{t('settings.part.unsaved')}</VisuallyHidden>
              </>
            )
          }
        />
      )}
      <div className={classes.bodies} hidden={shown === null}>
        {parts
          .filter((part) => part === shown || opened.has(part))
          .map((part) => (
            // An opened section stays mounted, so that its unsaved changes are kept.
            <section key={part} hidden={part !== shown} className={classes.body} aria-labelledby={part}>
              <header>
                <h2 id={part} tabIndex={-1}>
                  {t(`settings.part.${part}`)}
                </h2>
                <p className={classes.lead}>{t(`settings.part.${part}.what`)}</p>
                {rights[part] === 'doctrine.read' && !maySet && (
                  <p className={classes.readOnly}>{t('settings.readOnly')}</p>
                )}
              </header>
              {waits[part] !== undefined && <Waiting isHere={waits[part]} />}
              {bodies[part]()}
            </section>
          ))}
      </div>
      <Leaving keepsSearch isDirty={Object.values(dirty).includes(true)} />
    </div>
  )
}
