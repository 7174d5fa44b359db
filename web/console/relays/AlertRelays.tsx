import { Button, UnstyledButton } from '@mantine/core'
import IconShare3 from '@tabler/icons-react/icons/IconShare3'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { AlertView } from '../../../src/alerts/contract.ts'
import type { RelayView } from '../../../src/relays/contract.ts'
import { callApi } from '../../api/client.ts'
import { useAction } from '../../api/useAction.ts'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import { StateTag, type Tone } from '../../ui/StateTag.tsx'
import { useCurrent } from '../shell/current.tsx'
import { relaysQuery } from './queries.ts'
import { RelayHistory } from './RelayHistory.tsx'
import { RelayModal } from './RelayModal.tsx'
import classes from './Relays.module.css'

export const relayTones: Record<RelayView['state'], Tone> = {
  proposed: 'warn',
  accepted: 'done',
  declined: 'neutral',
  withdrawn: 'neutral',
}

/** Shows the schemes to which an alert was relayed, or from which it came, with the history that both see. */
export function AlertRelays(props: { alert: AlertView; className?: string | undefined }) {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  const { alert } = props
  const relays = useQuery(relaysQuery(scheme.id, { alertId: alert.id }))
  const [asking, setAsking] = useState(false)
  const list = relays.data ?? []
  const mayRelay = may('relay.propose') && alert.orderedAt !== null
  if (list.length === 0 && !mayRelay && !relays.isError) return null
  return (
    <section className={props.className} aria-labelledby="relais">
      <div className={classes.head}>
        <h2 id="relais">{t('relay.section')}</h2>
        {mayRelay && (
          <Button
            variant="default"
            size="xs"
            leftSection={<IconShare3 size={16} aria-hidden />}
            onClick={() => setAsking(true)}
          >
            {t('relay.action')}
          </Button>
        )}
      </div>
      {relays.isError && <Failure error={relays.error} retry={() => void relays.refetch()} />}
      {relays.isSuccess && list.length === 0 && <p className={classes.mute}>{t('relay.none')}</p>}
      {list.map((relay) => (
        <Relay key={relay.id} relay={relay} />
      ))}
      {asking && (
        <RelayModal
          schemeId={scheme.id}
          alert={alert}
          communes={[alert.commune.code]}
          taken={takenBy(list)}
          onClose={() => setAsking(false)}
        />
      )}
    </section>
  )
}

/** The schemes that already know the alert. */
export function takenBy(relays: readonly RelayView[]): string[] {
  return relays
    .filter((relay) => relay.direction === 'in' || ['proposed', 'accepted'].includes(relay.state))
    .map((relay) => relay.scheme.id)
}

function Relay(props: { relay: RelayView }) {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  const { relay } = props
  const relays = [['relays', scheme.id]]
  const withdraw = useAction(
    () => callApi('withdrawRelay', { params: { scheme: scheme.id, id: relay.id } }),
    {
      refresh: relays,
      refreshAfterFailure: relays,
    },
  )
  return (
    <article className={classes.relay}>
      <h3 className={classes.relayHead}>
        {t(`relay.${relay.direction}`, { scheme: relay.scheme.name })}
        <StateTag tone={relayTones[relay.state]}>{t(`relay.state.${relay.state}`)}</StateTag>
        <span className={classes.ref}>
          {relay.direction === 'in' ? relay.reference : relay.other?.reference}
        </span>
        {relay.direction === 'out' && relay.state === 'proposed' && may('relay.propose') && (
          <UnstyledButton
            className={classes.link}
            disabled={withdraw.isPending}
            onClick={() => withdraw.mutate()}
          >
            {t('relay.withdraw')}
          </UnstyledButton>
        )}
      </h3>
      <Failure error={withdraw.failure} />
      <RelayHistory relay={relay} ownId={scheme.id} />
    </article>
  )
}
