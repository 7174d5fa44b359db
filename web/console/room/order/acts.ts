import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { AudienceView } from '../../../../src/alerts/contract.ts'
import type { RefuseReport } from '../../../../src/reports/contract.ts'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import { callApi } from '../../../api/client.ts'
import type { InDoubt } from '../../../api/doubt.ts'
import { useAction } from '../../../api/useAction.ts'
import { timeOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { toast } from '../../../ui/toasts/toast.ts'
import { crossedQuery } from '../../relays/queries.ts'
import { isAudienceChanged } from '../audience/seen.ts'
import { entryOf, sealOf } from '../doctrine/doctrine.ts'
import type { EnteredCall } from '../useEnteredCall.ts'
import { askAuthorisation, broadcastAlone, recordAuthorisation, submitForApproval } from './approvalFlow.ts'
import { broadcastDraft, type Progressing, recordReport, refuseDraft } from './flow.ts'
import { takenAt } from './orders.ts'
import { unreferencedText } from './sent.ts'

/** Tracks whether the response to an order was lost. */
function watch({ onDoubt, signal }: InDoubt): { wasLost: () => boolean; watched: InDoubt } {
  let isLost = false
  return {
    wasLost: () => isLost,
    watched: {
      signal,
      onDoubt: () => {
        isLost = true
        onDoubt?.()
      },
    },
  }
}

/** Returns the actions on the entered call. Each settles when the server has accepted it, and shows the result. */
export function useActs(room: {
  scheme: SchemeView
  call: Pick<EnteredCall, 'draft' | 'message' | 'doctrine' | 'desk' | 'recorded' | 'change' | 'clear'>
}) {
  const { t, lang } = useText()
  const client = useQueryClient()
  const navigate = useNavigate()
  const { scheme } = room
  const { draft, message, doctrine, desk, recorded, change, clear } = room.call
  const keep: Progressing = { recorded, change }
  const { id } = scheme

  /** The server's problems are also shown at their fields. */
  const taken = <T>(act: Promise<T>) =>
    act.catch((error: unknown) => {
      doctrine.refused(error)
      // The current audience is shown and must be confirmed before another try.
      if (isAudienceChanged(error)) void client.invalidateQueries({ queryKey: ['audience', id] })
      throw error
    })
  const readAgain = async (...what: ('alerts' | 'reports')[]) => {
    await Promise.all(what.map((one) => client.invalidateQueries({ queryKey: [one, id] })))
  }

  const propose = useAction(
    ({ alertId, schemeIds }: { alertId: string; schemeIds: string[] }) =>
      callApi('proposeRelay', { params: { scheme: id, id: alertId }, body: { schemeIds } }),
    {
      success: (_, { schemeIds }) => t('relay.proposed', { count: schemeIds.length }),
      // The screen has gone on to the page of the alert.
      onError: () => toast(t('crossed.failed')),
      refresh: [['relays', id]],
      refreshAfterFailure: [['relays', id]],
    },
  )
  /** The schemes into which the area crosses are notified at once: the alert has left, whatever becomes of the relay. */
  const proposeRelays = (alertId: string) => {
    const crossed =
      draft.area === null ? [] : (client.getQueryData(crossedQuery(id, draft.area.area).queryKey) ?? [])
    // The area may have changed since the relay was asked for.
    const schemeIds = draft.relayTo.filter((one) => crossed.some((scheme) => scheme.id === one))
    if (schemeIds.length > 0) propose.mutate({ alertId, schemeIds })
  }

  return {
    submit: async (seen: AudienceView | undefined, doubt: InDoubt) => {
      await desk.idle()
      const { wasLost, watched } = watch(doubt)
      const alert = await taken(submitForApproval(id, draft, message.text, { keep, seen, doubt: watched }))
      clear()
      void toast(
        wasLost()
          ? t('doubt.left', { kind: 'submission', time: timeOf(lang, takenAt('submit', alert)) })
          : t('submit.done'),
      )
      void readAgain('alerts', 'reports')
    },
    /**
     * `alone`: the reason to send it without the second person; `reason`: the reason to send it although the facts are
     * old.
     */
    send: async (
      {
        seen,
        alone,
        reason,
      }: { seen: AudienceView | undefined; alone?: string; reason?: string | undefined },
      doubt: InDoubt,
    ) => {
      await desk.idle()
      const { wasLost, watched } = watch(doubt)
      const alert = await taken(
        alone === undefined
          ? broadcastDraft(id, draft, message.text, keep, { doubt: watched, reason, seen })
          : broadcastAlone(id, draft, message.text, { reason: alone, keep, seen, doubt: watched }),
      )
      clear()
      proposeRelays(alert.id)
      if (wasLost()) {
        void toast(t('doubt.left', { kind: 'alert', time: timeOf(lang, takenAt('broadcast', alert)) }))
      }
      void readAgain('alerts', 'reports')
      await navigate({ to: '/alertes/$alertId', params: { alertId: alert.id } })
    },
    authorise: async () => {
      await desk.idle()
      const entry = entryOf(draft)
      const alert = await recordAuthorisation(id, draft, message.text, entry, keep)
      if (alert.authorisation === null) return
      const { area, trades, authorisation } = alert
      const seal = sealOf({ text: unreferencedText(alert), area, trades, level: alert.doctrine.level })
      // The magistrate and the extent are kept for another authorisation, once the content has changed.
      change({ authorised: { view: authorisation, seal }, authorisation: { ...entry, givenAt: null } })
    },
    /** Asks the magistrates on call; the answer comes with the events of the alert. */
    ask: async () => {
      await desk.idle()
      const entry = entryOf(draft)
      await askAuthorisation(id, draft, message.text, entry.scope, keep)
      change({ authorisation: entry })
      void readAgain('alerts')
    },
    /** Records the report without an alert: it waits for a decision. */
    save: async () => {
      await recordReport(id, draft, { recorded: () => {}, change })
      clear()
      void toast(t('room.saved'))
      await readAgain('reports')
    },
    decline: async (decision: RefuseReport) => {
      await refuseDraft(id, draft, decision, keep)
      clear()
      void toast(t(decision.answer === undefined ? 'refuse.done' : 'refuse.answered'))
      void readAgain('reports')
    },
  }
}
