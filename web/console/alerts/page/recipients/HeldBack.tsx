import type { AlertPage } from '../../../../../src/alerts/contract.ts'
import { useText } from '../../../../ui/format/text.ts'
import { StateTag, type Tone } from '../../../../ui/StateTag.tsx'
import { useCurrent } from '../../../shell/current.tsx'
import classes from './HeldBack.module.css'
import { HeldBackNames } from './HeldBackNames.tsx'

type CopyState = AlertPage['copies'][number]['state']

const tones: Record<CopyState, Tone> = {
  planned: 'neutral',
  accepted: 'neutral',
  delivered: 'done',
  in_doubt: 'warn',
  failed: 'bad',
  expired: 'bad',
  withdrawn: 'neutral',
}

/** Shows the recipients that an alert held back, and the observers that got a copy. */
export function HeldBack(
  props: Pick<AlertPage, 'heldBack' | 'copies'> & { schemeId: string; alertId: string },
) {
  const { t } = useText()
  const { may } = useCurrent()
  const { heldBack, copies } = props
  const { quiet, fatigue, notified } = heldBack
  const count = quiet + fatigue
  if (count === 0 && copies.length === 0) return null
  return (
    <div className={classes.heldBack}>
      {count > 0 && (
        <div>
          <p>
            {t('alert.heldBack', { count, quiet, fatigue })}. {t('alert.heldBack.notified', { notified })}
          </p>
          {may('delivery.read') && <HeldBackNames schemeId={props.schemeId} alertId={props.alertId} />}
        </div>
      )}
      {copies.length > 0 && (
        <div className={classes.copies}>
          <span>{t('alert.copies')}</span>
          <ul>
            {copies.map((copy, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: services taken off since have no name
              <li key={index}>
                {copy.name || t('alert.copies.gone')}{' '}
                <StateTag tone={tones[copy.state]}>{t(`delivery.state.${copy.state}`)}</StateTag>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  )
}
