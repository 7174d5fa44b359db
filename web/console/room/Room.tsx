import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, type RefObject, Suspense, useEffect, useRef, useState } from 'react'
import type { ClaimView, RefusalCode, ReportView } from '../../../src/reports/contract.ts'
import type { SchemeView } from '../../../src/schemes/contract.ts'
import type { AreaChoice } from '../../../src/territory/contract.ts'
import { callApi } from '../../api/client.ts'
import { alertQuery, areasQuery, audienceQuery, routesQuery } from '../../api/queries.ts'
import { ExerciseBanner } from '../../ui/Exercise.tsx'
import { Failure } from '../../ui/Notice.tsx'
import { useText } from '../../ui/text.ts'
import { IncomingNotice } from '../relays/IncomingNotice.tsx'
import { useCurrent } from '../shell/current.tsx'
import { isSendable } from '../shell/RouteStatus.tsx'
import classes from './AlertRoom.module.css'
import { AudienceField } from './audience/AudienceField.tsx'
import { hotkeysOf, keyOf, sizeOf, worthShowing } from './audience/areas.ts'
import { Consequences } from './audience/Consequences.tsx'
import { Facts, PLACE_ID, RECORDED_ID, RecordedFacts } from './call/What.tsx'
import { DeskNotices } from './desk/DeskNotices.tsx'
import { useDesk } from './desk/desk.ts'
import { OpenAlerts, WaitingReports } from './desk/Lists.tsx'
import { RejectedNote, ReturnedNote } from './desk/ReturnedNote.tsx'
import { DoctrineField, doctrineOfLetter } from './doctrine/DoctrineField.tsx'
import { withOffence } from './doctrine/doctrine.ts'
import { FieldProblems } from './doctrine/FieldProblems.tsx'
import { useDoctrine } from './doctrine/useDoctrine.ts'
import { focusOn } from './focus.ts'
import { useRoomKeys } from './hotkeys.ts'
import { useActs } from './order/acts.ts'
import { isAnswerable } from './order/answerable.ts'
import { type InDoubt, OPEN_TO_CHANGE } from './order/flow.ts'
import { ORDERS_ID, useLostOrders } from './order/orders.ts'
import { saidOf } from './order/sent.ts'
import { RoomBar } from './RoomBar.tsx'
import { contentOfAlert, type Draft, NEW, useDrafts } from './text/draft.ts'
import { useGuard } from './text/guard.ts'
import { MESSAGE_ID, MessageField } from './text/MessageField.tsx'
import { isOld, type Missing, messageOf, missingForAlert, missingForReport } from './text/message.ts'

// Used so rarely that they are loaded on demand.
const OrderNotices = lazy(() =>
  import('./order/OrderNotices.tsx').then((module) => ({ default: module.OrderNotices })),
)
const dialogs = () => import('./dialogs.ts')
const ConfirmSheet = lazy(() => dialogs().then((module) => ({ default: module.ConfirmSheet })))
const TakeOverModal = lazy(() => dialogs().then((module) => ({ default: module.TakeOverModal })))
const SubmitSheet = lazy(() => dialogs().then((module) => ({ default: module.SubmitSheet })))
const RefuseModal = lazy(() => dialogs().then((module) => ({ default: module.RefuseModal })))

/** The control room of a scheme that has loaded. */
export function Room(props: { scheme: SchemeView }) {
  const { t, lang } = useText()
  const { scheme } = props
  const { may, user } = useCurrent()
  const { signalement } = useSearch({ from: '/shell/salle' })
  const navigate = useNavigate()
  const client = useQueryClient()
  const { draft, drafts, current, change, settle, resume, open, ...stored } = useDrafts(scheme.id)
  const [dialog, setDialog] = useState<
    'confirm' | 'submit' | { refuse: RefusalCode | null } | { held: ReportView; by: ClaimView } | null
  >(null)
  const [saving, setSaving] = useState<'no' | 'busy' | { error: unknown }>('no')
  const [shown, setShown] = useState<readonly Missing[]>([])
  const toArea = useRef(false)
  const sendButton = useRef<HTMLButtonElement>(null)
  const refuseButton = useRef<HTMLButtonElement>(null)
  const lastSize = useRef<string | null>(null)

  const areas = useQuery({ ...areasQuery(scheme.id, draft.commune?.code ?? null), select: worthShowing }).data
  const categoryOf = (wanted: string | null) => scheme.categories.find(({ code }) => code === wanted)
  const category = categoryOf(draft.categoryCode)
  const severity = category?.severity
  const query =
    draft.area === null
      ? null
      : { area: draft.area.area, trades: draft.trades, ...(severity && { severity }) }
  const audience = useQuery(audienceQuery(scheme.id, query))
  const everyone = useQuery(audienceQuery(scheme.id, query && { ...query, trades: [] })).data
  const routes = useQuery(routesQuery(scheme.id)).data?.routes
  const message = messageOf(draft, scheme)
  const reached = audience.data?.members ?? null
  const guard = useGuard(scheme, draft, message.text)
  const doctrine = useDoctrine(scheme, draft, message)
  const desk = useDesk({
    scheme,
    userId: user.id,
    current,
    draft,
    text: message.text,
    dialog: dialog !== null,
    settle,
    open,
  })
  const missing = [
    ...desk.missing,
    ...missingForAlert(draft, scheme, message, reached, guard.blocked),
    ...doctrine.gaps,
  ]

  /** The text before the last fix, and after it. */
  const [fixed, setFixed] = useState<{ before: string | null; text: string } | null>(null)
  const fix = (text: string) => {
    setFixed({ before: draft.text, text })
    change({ text })
  }
  const undoFix = () => {
    if (fixed !== null) change({ text: fixed.before })
    document.getElementById(MESSAGE_ID)?.focus()
  }

  // A place without an area gets one of the kind chosen by hand, else of its category's default, else the commune
  // alone.
  const usualSize = category?.area ?? null
  useEffect(() => {
    if (draft.area !== null || draft.commune === null || areas === undefined) return
    const size = lastSize.current ?? usualSize
    const area = areas.find((one) => sizeOf(one.area) === size) ?? areas[0]
    if (area !== undefined) settle(current, { area })
  }, [areas, draft.area, draft.commune, usualSize, current, settle])

  // Content that the magistrate did not hear must never be covered by accident. A change of content therefore ends the
  // authorisation for good, even if the original text is restored.
  const { authorised } = draft
  const ended = authorised !== null && authorised.seal !== '' && !doctrine.authorised
  useEffect(() => {
    if (ended) settle(current, { authorised: { ...authorised, seal: '' } })
  }, [ended, authorised, current, settle])

  // Loaded while the call is being entered, so that they open at once.
  const begun = draft.calledAt !== null
  useEffect(() => {
    if (begun) void dialogs()
  }, [begun])

  // After the place is chosen, the keyboard focus moves to the areas once they have loaded.
  useEffect(() => {
    if (!toArea.current || draft.area === null) return
    const chip = document.getElementById(`zone-${keyOf(draft.area.area)}`)
    if (chip === null) return
    toArea.current = false
    chip.focus()
  })

  const pickCategory = (code: string) => {
    const next = categoryOf(code)
    const { level } = draft.doctrine
    // The user's own answers are kept; the defaults of the previous category are replaced.
    const isUsualLevel = level === (category?.level ?? 'established')
    const isUsualArea =
      draft.area !== null && lastSize.current === null && sizeOf(draft.area.area) === (usualSize ?? 'commune')
    change({
      categoryCode: code,
      ...(isUsualLevel && next && { doctrine: { ...draft.doctrine, level: next.level } }),
      ...(isUsualArea && next?.area !== category?.area && { area: null }),
    })
    if (draft.commune === null) document.getElementById(PLACE_ID)?.focus()
  }
  const pickCommune = (commune: Draft['commune']) => {
    toArea.current = commune !== null
    change({ commune, area: null })
  }
  const chooseArea = (area: AreaChoice) => {
    lastSize.current = sizeOf(area.area)
    change({ area })
  }
  const pickArea = (key: string) => {
    const choice = areas?.find((one) => keyOf(one.area) === key)
    if (choice === undefined) return
    chooseArea(choice)
    document.getElementById(`zone-${key}`)?.focus()
  }

  const recorded = (report: ReportView) => {
    desk.forgetNote()
    stored.recorded(report)
  }
  const clear = () => {
    desk.forgetNote()
    lastSize.current = null
    stored.clear()
  }

  /** Switches to another call, with the keyboard focus and screen readers. */
  const takeUp = async (report: ReportView | null, back = false, taken = false) => {
    const by = report === null || taken ? null : desk.heldByOther(report)
    if (report !== null && by !== null) return setDialog({ held: report, by })
    const state = report?.alert?.state
    // The second person is deciding on it: a change would take it back from them.
    if (report?.alert != null && state === 'submitted' && !back) {
      return navigate({ to: '/alertes/$alertId', params: { alertId: report.alert.id } })
    }
    if (report?.alert != null && state !== undefined && (back || OPEN_TO_CHANGE.has(state))) {
      // If its alert cannot be read, the report still opens; sending it finds the alert again.
      const page = await client.fetchQuery(alertQuery(scheme.id, report.alert.id)).catch(() => undefined)
      open(report, page?.alert)
    } else open(report, undefined, categoryOf(report?.category.code ?? null)?.level)
    setShown([])
    setTimeout(() => document.getElementById(report === null ? PLACE_ID : RECORDED_ID)?.focus())
  }

  // Another screen asked to continue with a report.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each report asked for
  useEffect(() => {
    if (signalement === undefined) return
    void (async () => {
      const report = await callApi('getReport', { params: { scheme: scheme.id, id: signalement } }).catch(
        () => null,
      )
      await navigate({ to: '/salle', search: {}, replace: true })
      if (report !== null) await takeUp(report, report.alert?.state === 'submitted')
    })()
  }, [signalement])

  const { rejection } = desk
  const sameAsRejected =
    rejection !== null &&
    saidOf({ text: message.text, exercise: draft.exercise }) === saidOf({ ...draft, text: rejection.text })
  /** Starts a new alert with the text and the audience of a rejected one. */
  const retake = async () => {
    if (rejection === null) return
    const page = await client.fetchQuery(alertQuery(scheme.id, rejection.alertId)).catch(() => undefined)
    change(page === undefined ? { text: rejection.text } : contentOfAlert(page.alert))
    document.getElementById(MESSAGE_ID)?.focus()
  }

  /** The room is unmounted: the next component that shows the draft asks for the result of its order. */
  const gone = useRef(new AbortController())
  useEffect(() => {
    gone.current = new AbortController()
    return () => gone.current.abort()
  }, [])
  const whileHere = ({ onDoubt, signal }: InDoubt): InDoubt => ({
    onDoubt,
    signal: signal ? AbortSignal.any([signal, gone.current.signal]) : gone.current.signal,
  })
  const lost = useLostOrders({
    schemeId: scheme.id,
    drafts,
    busy: dialog === null ? null : current,
    settle,
    drop: stored.drop,
  })

  const submit = () => {
    // The server is already being asked whether it was sent.
    if (draft.order !== null) return document.getElementById(ORDERS_ID)?.focus()
    setShown(missing)
    const first = missing[0]
    if (first !== undefined) return focusOn(first)
    // A quick second Enter must not reach the field that had the focus.
    sendButton.current?.focus()
    setDialog(doctrine.needsApproval ? 'submit' : 'confirm')
  }

  useRoomKeys({
    silent: dialog !== null,
    submit,
    fix: (all) => {
      if (guard.first !== null) fix(all ? guard.fixAll() : guard.first.fix.text)
    },
    digit: (digit) => {
      const category = scheme.categories.find((one) => one.position === digit)
      if (category !== undefined && draft.report === null) pickCategory(category.code)
    },
    letter: (letter) => {
      const answers = doctrineOfLetter(letter, draft.doctrine, doctrine.prevention)
      if (answers !== null) {
        change({ doctrine: answers })
        return true
      }
      const found = [...hotkeysOf(areas ?? [])].find(([, one]) => one === letter)
      if (found === undefined) return false
      pickArea(found[0])
      return true
    },
    place: () => document.getElementById(PLACE_ID)?.focus(),
  })

  /** The dialog is removed with its component, so it cannot restore the focus by itself. */
  const closeDialog = (opener: RefObject<HTMLButtonElement | null>) => {
    setDialog(null)
    setTimeout(() => opener.current?.focus())
  }

  const keep = { recorded, change }
  const acts = useActs({ scheme, draft, message, doctrine, desk, keep, clear })
  const save = async () => {
    const lacking = missingForReport(draft, scheme)
    setShown(lacking)
    if (lacking[0] !== undefined) return focusOn(lacking[0])
    if (saving === 'busy') return
    setSaving('busy')
    try {
      await acts.save()
      setSaving('no')
    } catch (error) {
      setSaving({ error })
    }
  }
  const openRefusal = (reason: RefusalCode | null) => {
    const lacking = missingForReport(draft, scheme)
    setShown(lacking)
    if (lacking[0] === undefined) setDialog({ refuse: reason })
    else focusOn(lacking[0])
  }

  const tradeNames = draft.trades.map((code) => {
    const trade = scheme.trades.find((one) => one.code === code)
    return trade === undefined ? code : lang === 'fr' ? trade.nameFr : trade.nameEn
  })

  const reading = draft.area !== null && {
    area: draft.area,
    trades: tradeNames,
    audience,
    message,
    exercise: draft.exercise,
    sender: scheme.sender,
    routeDown: routes !== undefined && !isSendable(routes, draft.exercise),
    caution: sameAsRejected ? t('rejected.again', rejection) : null,
    unanswered: doctrine.unanswered,
    onOffence: () => change({ doctrine: withOffence(draft.doctrine, 'yes') }),
    near: desk.near,
    nearTicked: desk.nearTicked,
    onNearTick: (done: boolean) => change({ confirmedNear: done ? desk.near.map((one) => one.id) : [] }),
    cancelSeconds: scheme.doctrine.cancelWindowSeconds,
  }

  return (
    <div className={classes.room} data-exercise={draft.exercise || undefined}>
      {draft.exercise && (
        <div className={classes.exercise}>
          <ExerciseBanner />
        </div>
      )}
      <aside className={`${classes.card} ${classes.lists}`} aria-label={t('room.lists')}>
        <IncomingNotice />
        <WaitingReports
          scheme={scheme}
          fresh={drafts[NEW]}
          current={current}
          onOpen={(report) => void takeUp(report)}
          onResume={resume}
        />
        <OpenAlerts schemeId={scheme.id} />
      </aside>

      <section className={`${classes.card} ${classes.form}`} aria-label={t('room.form')}>
        <div className={classes.fields}>
          <Suspense>
            {lost.fates.length > 0 && <OrderNotices fates={lost.fates} onDismiss={lost.dismiss} />}
          </Suspense>
          <ReturnedNote returned={draft.returned} />
          <RejectedNote rejection={rejection} same={sameAsRejected} onRetake={() => void retake()} />
          <DeskNotices
            desk={desk}
            mine={message.text}
            onTheirs={(alert) => draft.report !== null && open(draft.report, alert)}
            onLeave={clear}
            onDuplicate={() => openRefusal('duplicate')}
          />
          {draft.report === null ? (
            <Facts
              scheme={scheme}
              draft={draft}
              change={change}
              pickCategory={pickCategory}
              pickCommune={pickCommune}
              erase={clear}
            />
          ) : (
            <RecordedFacts draft={draft} onLeave={() => void takeUp(null)} />
          )}
          <DoctrineField
            scheme={scheme}
            draft={draft}
            doctrine={doctrine}
            change={change}
            authorise={acts.authorise}
          />
          <MessageField
            message={message}
            sender={scheme.sender}
            guard={guard}
            saved={desk.saved}
            undoFix={fixed?.text === message.text ? undoFix : null}
            onFix={fix}
            onChange={(text) => change({ text })}
          />
          <FieldProblems problems={doctrine.problemsOf('text')} />
        </div>
        <div className={classes.audience}>
          <AudienceField
            scheme={scheme}
            draft={draft}
            audience={everyone}
            onArea={chooseArea}
            onTrades={(trades) => change({ trades })}
          />
          <FieldProblems problems={doctrine.problemsOf('other')} />
          {typeof saving === 'object' && <Failure error={saving.error} retry={() => void save()} />}
        </div>
        <RoomBar
          missing={shown.filter((one) => missing.includes(one))}
          ready={missing.length === 0 ? reached : null}
          needsApproval={doctrine.needsApproval}
          exercise={draft.exercise}
          refuseButton={refuseButton}
          sendButton={sendButton}
          onRefuse={() => openRefusal(null)}
          onSave={draft.report === null ? () => void save() : null}
          saving={saving === 'busy'}
          onSend={submit}
        />
      </section>

      <div className={`${classes.card} ${classes.side}`}>
        <Consequences
          schemeId={scheme.id}
          area={draft.area}
          audience={audience}
          parts={message.segments.parts.length}
          query={query}
        />
      </div>

      <Suspense>
        {dialog === 'confirm' && reading && (
          <ConfirmSheet
            {...reading}
            lateAfter={scheme.doctrine.lateAfterMinutes}
            isOld={isOld(draft, scheme)}
            send={(seen, reason, doubt) => acts.send({ seen, reason }, whileHere(doubt))}
            onClose={() => closeDialog(sendButton)}
          />
        )}
        {dialog === 'submit' && reading && (
          <SubmitSheet
            {...reading}
            unauthorised={draft.doctrine.level === 'precise' && !doctrine.authorised}
            submit={async (seen, doubt) => {
              await acts.submit(seen, whileHere(doubt))
              closeDialog(sendButton)
            }}
            override={
              may('alert.override') && scheme.doctrine.emergencyOverride
                ? (alone, seen, doubt) => acts.send({ alone, seen }, whileHere(doubt))
                : null
            }
            onClose={() => closeDialog(sendButton)}
          />
        )}
        {dialog !== null && typeof dialog === 'object' && 'held' in dialog && (
          <TakeOverModal
            report={dialog.held}
            claim={dialog.by}
            take={async () => {
              const { held } = dialog
              const report = await desk.claim(held.id, true)
              setDialog(null)
              await takeUp(report, false, true)
            }}
            onClose={() => setDialog(null)}
          />
        )}
        {dialog !== null && typeof dialog === 'object' && 'refuse' in dialog && (
          <RefuseModal
            scheme={scheme}
            answerable={isAnswerable(draft)}
            reason={dialog.refuse}
            refuse={async (decision) => {
              await acts.decline(decision)
              closeDialog(refuseButton)
            }}
            onClose={() => closeDialog(refuseButton)}
          />
        )}
      </Suspense>
    </div>
  )
}
