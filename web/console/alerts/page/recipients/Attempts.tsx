import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { DeliveryExplanation, DeliveryStep } from '../../../../../src/deliveries/contract.ts'
import { preciseTimeOf } from '../../../../ui/format/format.ts'
import { useMinute } from '../../../../ui/format/now.ts'
import { useText } from '../../../../ui/format/text.ts'
import { Failure } from '../../../../ui/Notice.tsx'
import { deliveryQuery } from '../../queries.ts'
import classes from './Attempts.module.css'

/** Shows the history of one message: each attempt in order, its route and the provider's response. */
export function Attempts(props: { schemeId: string; alertId: string; broadcast: string | null; no: number }) {
  const { t, lang } = useText()
  const now = useMinute()
  const explanation = useQuery(deliveryQuery(props.schemeId, props.alertId, props.broadcast, props.no))
  if (explanation.isPending) return <Skeleton height={72} />
  if (explanation.isLoadingError)
    return <Failure error={explanation.error} retry={() => void explanation.refetch()} />
  const { steps, delivery } = explanation.data
  return (
    <ol className={classes.steps} aria-label={t('attempts.title', { no: props.no })}>
      {steps.map((step) => (
        <li key={`${step.kind}${step.at}${step.messageIds.join()}`} data-kind={step.kind}>
          {step.at === null ? (
            <span className={classes.time}>–</span>
          ) : (
            <time className={classes.time} dateTime={step.at}>
              {preciseTimeOf(lang, step.at, now)}
            </time>
          )}
          <span>
            {step.text}
            <Marks step={step} delivery={delivery} />
          </span>
        </li>
      ))}
    </ol>
  )
}

/** Lists what a provider's support asks for: route, code, ids. */
function Marks(props: { step: DeliveryStep; delivery: DeliveryExplanation['delivery'] }) {
  const { t } = useText()
  const { step, delivery } = props
  // Providers write their error codes in hexadecimal, networks theirs in decimal.
  const isRefusal = step.kind === 'refused' || delivery.acceptedAt === null
  const code =
    step.code === null
      ? null
      : isRefusal
        ? `0x${step.code.toString(16).toUpperCase().padStart(2, '0')}`
        : String(step.code)
  const marks = [
    step.route,
    code === null ? null : t('attempts.code', { code }),
    step.messageIds.length === 0
      ? null
      : t('attempts.ids', { count: step.messageIds.length, ids: step.messageIds.join(', ') }),
  ].filter((mark) => mark !== null)
  return marks.length === 0 ? null : <small>{marks.join(' · ')}</small>
}
