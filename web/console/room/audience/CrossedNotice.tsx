import { Checkbox } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { Area } from '../../../../src/territory/contract.ts'
import { useText } from '../../../ui/format/text.ts'
import { crossedQuery } from '../../relays/queries.ts'
import { useCurrent } from '../../shell/current.tsx'
import classes from './CrossedNotice.module.css'

/**
 * Says before an alert is sent that its area crosses into another scheme, whose shops it does not reach, and offers to propose the
 * relay as it leaves.
 */
export function CrossedNotice(props: {
  schemeId: string
  area: Area
  /** Ids of the schemes to which the relay is proposed. */
  relayTo: readonly string[]
  /** It leaves after a second person only, from another screen. */
  needsApproval: boolean
  onChange: (relayTo: string[]) => void
}) {
  const { t } = useText()
  const { may } = useCurrent()
  const { relayTo } = props
  const crossed = useQuery({ ...crossedQuery(props.schemeId, props.area), enabled: may('relay.read') }).data
  if (crossed === undefined || crossed.length === 0) return null
  return (
    <section className={classes.crossed} aria-label={t('crossed.label')}>
      {crossed.map(({ id, name, communes }) => (
        <div key={id}>
          <p>{t('crossed.why', { communes, scheme: name })}</p>
          {!may('relay.propose') ? null : props.needsApproval ? (
            <p>{t('crossed.after')}</p>
          ) : (
            <Checkbox
              size="sm"
              label={t('crossed.offer', { scheme: name })}
              checked={relayTo.includes(id)}
              onChange={(event) =>
                props.onChange(
                  event.currentTarget.checked ? [...relayTo, id] : relayTo.filter((one) => one !== id),
                )
              }
            />
          )}
        </div>
      ))}
    </section>
  )
}
