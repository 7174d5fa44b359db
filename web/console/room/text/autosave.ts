import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { AlertPage, AlertView } from '../../../../src/alerts/contract.ts'
import type { CallNote } from '../../../../src/reports/contract.ts'
import { ApiError, callApi } from '../../../api/client.ts'
import { serverNow } from '../../../api/clock.ts'
import { alertQuery } from '../../../api/queries.ts'
import { keyOf } from '../audience/areas.ts'
import { contentOf, OPEN_TO_CHANGE, recordAlert } from '../order/flow.ts'
import { unreferencedText } from '../order/sent.ts'
import { type Draft, isBlank } from './draft.ts'

/** Delay after the last change before it is saved. */
const SAVE_AFTER_MS = 800
/** Delay after a save that did not reach the server. */
const RETRY_AFTER_MS = 3000

/** The state of saving; `kept`: in this browser only, for now. */
export type Saved =
  | { readonly kind: 'none' | 'saving' | 'kept' }
  | { readonly kind: 'saved'; readonly at: number }

/** Another user changed the alert, or it was sent, while this user was writing. */
export interface Clash {
  readonly kind: 'changed' | 'gone'
  readonly theirs: AlertView
  /** The user who changed it last. */
  readonly by: string | null
}

/** A save in progress. */
interface Save {
  /** The notes that it stores or may have stored. */
  readonly noteIds: string[]
  /** The call was recorded or given up meanwhile: what is stored belongs to no draft any more. */
  forgotten: boolean
}

/** Returns what is stored of a call without a report: the whole form. */
export function noteOf(draft: Draft): CallNote['content'] {
  const {
    report: _report,
    alert: _alert,
    alertId: _alertId,
    order: _order,
    note: _note,
    touched: _touched,
    ...content
  } = draft
  return JSON.parse(JSON.stringify(content)) as CallNote['content']
}

/** Returns whether an alert of the server has the content of the draft. */
export function holdsTheSame(draft: Draft, text: string, alert: AlertView): boolean {
  const asSent = (words: string) => unreferencedText({ text: words, exercise: draft.exercise })
  const answers = ({ offence, arrested, level }: Draft['doctrine']) => [offence, arrested, level].join()
  return (
    asSent(text) === asSent(alert.text) &&
    draft.area !== null &&
    keyOf(draft.area.area) === keyOf(alert.area) &&
    draft.trades.toSorted().join() === alert.trades.toSorted().join() &&
    answers(draft.doctrine) === answers(alert.doctrine) &&
    draft.outsideZoneReason.trim() === (alert.zone.reason ?? '')
  )
}

/** Too many requests, and a session that ended or is locked: the same content may be saved later. */
const LATER = new Set([401, 423, 429])
/** Returns whether the server refuses this content for good; other failures may be temporary. */
const isRefusal = (error: unknown) =>
  error instanceof ApiError && error.status > 0 && error.status < 500 && !LATER.has(error.status)
const codeOf = (error: unknown) => (error instanceof ApiError ? error.code : undefined)
/** Another user changed the alert, or decided on it. */
const OVERTAKEN = new Set(['alert_changed', 'alert_not_draft', 'already_decided', 'wrong_state'])

/**
 * Saves the current draft shortly after each change: the note of a call, or the alert of a report. Changes of another
 * operator are never overwritten: they are returned as a clash.
 * @param paused while the draft is being ordered
 * @param lost another user has the report: nothing is saved, and their changes are shown unless this user changed
 * something
 */
export function useAutosave(props: {
  schemeId: string
  current: string
  draft: Draft
  text: string
  paused: boolean
  lost: boolean
  settle: (key: string, patch: Partial<Draft>) => void
  /** Replaces a draft without changes by the current content of the alert. */
  adopt: (alert: AlertView) => void
}): {
  saved: Saved
  clash: Clash | null
  keepMine: () => void
  /** Settles when no request is in progress. */
  idle: () => Promise<void>
  /** Separates a note being saved from its draft; returns what it stored or may have stored, once the save is over. */
  abandon: () => Promise<readonly string[]>
} {
  const { schemeId, current, draft, text, lost, settle, adopt } = props
  // While it is unknown whether an order was carried out, nothing is saved or compared.
  const paused = props.paused || draft.order !== null
  const [failures, setFailures] = useState(0)
  const [refused, setRefused] = useState<string | null>(null)
  const [saved, setSaved] = useState<Saved>({ kind: 'none' })
  const [clashes, setClashes] = useState<Readonly<Record<string, Clash>>>({})
  const running = useRef<{ readonly save: Save; readonly done: Promise<void> } | null>(null)
  const clash = clashes[current] ?? null

  const { report, alert } = draft
  const fingerprint = JSON.stringify(report === null ? noteOf(draft) : contentOf(draft, text))
  const stored = report === null ? draft.note?.content : alert?.content
  // The authorisation covers the alert as it is: unsaved experiments must not void it.
  const complete = text.trim() !== '' && draft.area !== null && draft.authorised === null
  const worth = report === null ? !isBlank(draft) : draft.touched && complete
  const dirty = worth && stored !== fingerprint && refused !== fingerprint

  const setClash = (key: string, found: Clash | null) =>
    setClashes(({ [key]: _before, ...others }) => (found === null ? others : { ...others, [key]: found }))

  const saveNote = async (save: Save) => {
    const id = draft.note?.id ?? crypto.randomUUID()
    const put = (version: number, noteId: string) => {
      save.noteIds.push(noteId)
      return callApi('saveCallNote', {
        params: { scheme: schemeId, id: noteId },
        body: { content: noteOf(draft), version },
      })
    }
    // Continued in another tab: this one becomes independent of it.
    const note = await put(draft.note?.version ?? 0, id).catch((error: unknown) => {
      if (codeOf(error) !== 'note_changed' || save.forgotten) throw error
      return put(0, crypto.randomUUID())
    })
    if (!save.forgotten)
      settle(current, { note: { id: note.id, version: note.version, content: fingerprint } })
  }

  const look = async (alertId: string) => {
    const page = await callApi('getAlert', { params: { scheme: schemeId, id: alertId } })
    meet(page)
  }

  /** Compares the draft with the alert on the server. */
  const meet = (page: AlertPage) => {
    const theirs = page.alert
    // The written text is kept with the reason; its next change makes it another alert.
    if (theirs.state === 'rejected') return settle(current, { alert: null, returned: null, touched: false })
    if (!OPEN_TO_CHANGE.has(theirs.state)) {
      setClash(current, { kind: 'gone', theirs, by: theirs.orderedBy ?? theirs.closedBy ?? lastBy(page) })
    } else if (holdsTheSame(draft, text, theirs)) {
      const { id, version, reference } = theirs
      settle(current, { alert: { id, version, reference, content: fingerprint } })
    } else if (!draft.touched || alert?.content === fingerprint) adopt(theirs)
    else setClash(current, { kind: 'changed', theirs, by: lastBy(page) })
  }

  /** Compares the draft with what overtook it; else waits for another content, or tries again. */
  const handleFailure = async (error: unknown) => {
    const tryAgain = () => setFailures((n) => n + 1)
    const isOvertaken = OVERTAKEN.has(codeOf(error) ?? '')
    if (isOvertaken && alert !== null) await look(alert.id).catch(tryAgain)
    else if (isOvertaken || isRefusal(error)) setRefused(fingerprint)
    else tryAgain()
  }

  const run = async (save: Save) => {
    setSaved({ kind: 'saving' })
    try {
      if (report === null) await saveNote(save)
      else {
        const keep = { recorded: () => {}, change: (patch: Partial<Draft>) => settle(current, patch) }
        await recordAlert(schemeId, draft, report, text, keep)
      }
      setFailures(0)
      setSaved(save.forgotten ? { kind: 'none' } : { kind: 'saved', at: serverNow() })
    } catch (error) {
      if (save.forgotten) return setSaved({ kind: 'none' })
      setSaved({ kind: 'kept' })
      await handleFailure(error)
    }
  }

  // A save that was running gives what is stored another version, without which the next one would be refused.
  const version = draft.note?.version ?? alert?.version
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change of what is entered or stored, and each failure
  useEffect(() => {
    if (!dirty || paused || lost || clash !== null) return
    const timer = setTimeout(
      () => {
        if (running.current !== null) return setFailures((n) => n + 1)
        const save: Save = { noteIds: [], forgotten: false }
        const done = run(save).finally(() => {
          running.current = null
        })
        running.current = { save, done }
      },
      failures > 0 ? RETRY_AFTER_MS : SAVE_AFTER_MS,
    )
    return () => clearTimeout(timer)
  }, [dirty, paused, lost, clash, fingerprint, current, failures, version])

  // Retries as soon as the network is back.
  useEffect(() => {
    const again = () => setFailures(0)
    addEventListener('online', again)
    return () => removeEventListener('online', again)
  }, [])

  // Other users' changes of the alert arrive by the live stream.
  const page = useQuery({ ...alertQuery(schemeId, alert?.id ?? ''), enabled: alert !== null }).data
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what the server has now is the reason to compare
  useEffect(() => {
    if (page === undefined || alert === null || page.alert.id !== alert.id) return
    if (running.current !== null || paused || (lost && dirty)) return
    const isNewer = page.alert.version > alert.version || !OPEN_TO_CHANGE.has(page.alert.state)
    if (isNewer) meet(page)
  }, [page, alert?.version, paused, lost])

  return {
    saved,
    clash,
    keepMine: () => {
      if (clash === null) return
      const { id, version, reference } = clash.theirs
      settle(current, { alert: { id, version, reference, content: null }, touched: true })
      setClash(current, null)
    },
    idle: () => running.current?.done ?? Promise.resolve(),
    abandon: async () => {
      if (running.current === null) return []
      const { save, done } = running.current
      if (save.noteIds.length === 0) return []
      save.forgotten = true
      await done
      return save.noteIds
    },
  }
}

function lastBy({ events }: AlertPage): string | null {
  return events.findLast(({ kind }) => kind === 'changed' || kind === 'drafted')?.by ?? null
}
