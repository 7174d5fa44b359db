import { useQuery } from '@tanstack/react-query'
import type { AlertView } from '../../../src/alerts/contract.ts'
import { useText } from '../../ui/format/text.ts'
import { useCurrent } from '../shell/current.tsx'
import { CallOut } from './CallOut.tsx'
import { callOutsQuery } from './queries.ts'

/** Shows every call made about an alert; nothing if none was. */
export function AlertCalls(props: { alert: AlertView; className: string | undefined }) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const callOuts = useQuery(callOutsQuery(scheme.id, props.alert.id)).data ?? []
  if (callOuts.length === 0) return null
  return (
    <section className={props.className} aria-labelledby="appels">
      <h2 id="appels">{t('onCall.title')}</h2>
      {callOuts.map((callOut) => (
        <CallOut key={callOut.id} callOut={callOut} />
      ))}
    </section>
  )
}
