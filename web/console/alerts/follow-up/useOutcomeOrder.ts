import type { UseFormReturnType } from '@mantine/form'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import type { NewOutcome } from '../../../../src/alerts/follow-up/contract.ts'
import { callApi } from '../../../api/client.ts'
import { postOrder, untilKnown } from '../../../api/doubt.ts'
import { useAction } from '../../../api/useAction.ts'
import { useText } from '../../../ui/format/text.ts'
import { useCurrent } from '../../shell/current.tsx'
import { useDeparture } from './Departure.tsx'
import type { OutcomeValues } from './OutcomeFields.tsx'

/** Records the outcome of an alert: `record` by itself, `departure` with thanks to all recipients. */
export function useOutcomeOrder(of: {
  alert: AlertView
  form: UseFormReturnType<OutcomeValues>
  isThanked: boolean
  cancelSeconds: number
  onDone: (said: string) => Promise<void>
}) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const { alert, form, isThanked, onDone } = of
  const { outcome } = form.values
  const note = form.values.note.trim()
  const params = { scheme: scheme.id, id: alert.id }
  const record = useAction(
    (input: Pick<NewOutcome, 'outcome' | 'thank'>) =>
      callApi('recordOutcome', { params, body: { ...input, ...(note !== '' && { note }) } }),
    {
      form,
      onSuccess: (view) => {
        const wasThanked = !isThanked && view.broadcasts.some(({ kind }) => kind === 'thanks')
        return onDone(wasThanked ? t('outcome.thanked') : t('outcome.done'))
      },
    },
  )
  const departure = useDeparture(of.cancelSeconds, async (doubt) => {
    if (outcome === null) return
    const body = { outcome, thank: true, ...(note !== '' && { note }) }
    await untilKnown(() => postOrder((signal) => callApi('recordOutcome', { params, body, signal })), {
      ...doubt,
      kind: 'message',
      ask: async (signal) => {
        const page = await callApi('getAlert', { params, signal })
        return page.alert.broadcasts.some(({ kind }) => kind === 'thanks') ? page.alert : null
      },
    })
    await onDone(t('outcome.thanked'))
  })
  return { record, departure }
}
