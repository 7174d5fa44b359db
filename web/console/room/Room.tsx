import { useQuery, useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import type { RefusalCode, ReportView } from '../../../src/reports/contract.ts'
import type { SchemeView } from '../../../src/schemes/contract.ts'
import { alertQuery, audienceQuery, routesQuery } from '../../api/queries.ts'
import { ExerciseBanner } from '../../ui/Exercise.tsx'
import { Failure } from '../../ui/Notice.tsx'
import { useMinute } from '../../ui/now.ts'
import { useText } from '../../ui/text.ts'
import { IncomingNotice } from '../relays/IncomingNotice.tsx'
import { useCurrent } from '../shell/current.tsx'
import { isSendable } from '../shell/RouteStatus.tsx'
import classes from './AlertRoom.module.css'
import { AudienceField } from './audience/AudienceField.tsx'
import { hotkeysOf } from './audience/areas.ts'
import { Consequences } from './audience/Consequences.tsx'
import { useArea } from './audience/useArea.ts'
import { Facts, PLACE_ID, RecordedFacts } from './call/What.tsx'
import { DeskNotices } from './desk/DeskNotices.tsx'
import { useDesk } from './desk/desk.ts'
import { OpenAlerts, WaitingReports } from './desk/Lists.tsx'
import { RejectedNote, ReturnedNote } from './desk/ReturnedNote.tsx'
import { useTakeUp } from './desk/useTakeUp.ts'
import { DoctrineField, doctrineOfLetter } from './doctrine/DoctrineField.tsx'
import { withOffence } from './doctrine/doctrine.ts'
import { FieldProblems } from './doctrine/FieldProblems.tsx'
import { useDoctrine } from './doctrine/useDoctrine.ts'
import { useSealedContent } from './doctrine/useSealedContent.ts'
import { focusOn } from './focus.ts'
import { useRoomKeys } from './hotkeys.ts'
import { useActs } from './order/acts.ts'
import { ORDERS_ID, useLostOrders } from './order/orders.ts'
import { saidOf } from './order/sent.ts'
import { RoomBar } from './RoomBar.tsx'
import { loadDialogs, type RoomDialog, RoomDialogs } from './RoomDialogs.tsx'
import { contentOfAlert, NEW, useDrafts } from './text/draft.ts'
import { useGuard } from './text/guard.ts'
import { MESSAGE_ID, MessageField } from './text/MessageField.tsx'
import { type Missing, messageOf, missingForAlert, missingForReport } from './text/message.ts'
import { useFix } from './text/useFix.ts'

// Used so rarely that they are loaded on demand.
const OrderNotices = lazy(() =>
  import('./order/OrderNotices.tsx').then((module) => ({ default: module.OrderNotices })),
)

/** The control room of a scheme that has loaded. */
export function Room(props: { scheme: SchemeView }) {
  const { t, lang } = useText()
  const { scheme } = props
  const { user } = useCurrent()
  // Until something is entered, the call is now: its hour is in the text and in the fields.
  useMinute()
  const client = useQueryClient()
  const { draft, drafts, current, change, settle, resume, open, ...stored } = useDrafts(scheme.id)
  const [dialog, setDialog] = useState<RoomDialog>(null)
  const [saving, setSaving] = useState<'no' | 'busy' | { error: unknown }>('no')
  const [shown, setShown] = useState<readonly Missing[]>([])
  const sendButton = useRef<HTMLButtonElement>(null)
  const refuseButton = useRef<HTMLButtonElement>(null)

  const placing = useArea({ scheme, draft, current, change, settle })
  const { areas, category, categoryOf, pickCategory } = placing
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

  const { fixed, fix, undoFix } = useFix(draft, change)

  useSealedContent({ draft, current, settle, isAuthorised: doctrine.authorised })

  // Loaded while the call is being entered, so that they open at once.
  const begun = draft.calledAt !== null
  useEffect(() => {
    if (begun) void loadDialogs()
  }, [begun])

  const recorded = (report: ReportView) => {
    desk.forgetNote()
    stored.recorded(report)
  }
  const clear = () => {
    desk.forgetNote()
    placing.forgetChoice()
    stored.clear()
  }

  const takeUp = useTakeUp({
    scheme,
    desk,
    open,
    levelOf: (code) => categoryOf(code)?.level,
    onHeld: (held, by) => setDialog({ held, by }),
    onOpened: () => setShown([]),
  })

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
      placing.pickArea(found[0])
      return true
    },
    place: () => document.getElementById(PLACE_ID)?.focus(),
  })

  /** The dialog is removed with its component, so it cannot restore the focus by itself. */
  const closeDialog = (opener: 'send' | 'refuse' | null) => {
    setDialog(null)
    const button = { send: sendButton, refuse: refuseButton }
    if (opener !== null) setTimeout(() => button[opener].current?.focus())
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
              pickCommune={placing.pickCommune}
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
            onArea={placing.chooseArea}
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

      <RoomDialogs
        scheme={scheme}
        draft={draft}
        dialog={dialog}
        reading={reading}
        isAuthorised={doctrine.authorised}
        acts={acts}
        claim={(id) => desk.claim(id, true)}
        onTaken={(report) => void takeUp(report, false, true)}
        onClose={closeDialog}
      />
    </div>
  )
}
