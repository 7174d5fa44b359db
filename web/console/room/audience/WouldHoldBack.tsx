import type { AudienceQuery, AudienceView } from '../../../../src/alerts/contract.ts'
import { countOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { WouldBeHeldBackNames } from '../../alerts/page/recipients/HeldBackNames.tsx'
import { useCurrent } from '../../shell/current.tsx'
import classes from './WouldHoldBack.module.css'

/** Shows who is held back and why, the alert frequency of the recipients, and the observers. */
export function WouldHoldBack(props: {
  schemeId: string
  audience: AudienceView
  query: AudienceQuery | null
}) {
  const { t, lang } = useText()
  const { may } = useCurrent()
  const { leftOut, solicitation, copies } = props.audience
  const heldBack = leftOut.quiet + leftOut.fatigue
  const { two, three, fourOrMore } = solicitation
  const times = [
    [t('audience.solicited.two'), two],
    [t('audience.solicited.three'), three],
    [t('audience.solicited.four'), fourOrMore],
  ] as const
  return (
    <div className={classes.root}>
      {heldBack > 0 && (
        <div className={classes.heldBack}>
          <p className={classes.head}>{t('audience.leftOut', { count: heldBack })}</p>
          <ul>
            {leftOut.quiet > 0 && <li>{t('audience.leftOut.quiet', { count: leftOut.quiet })}</li>}
            {leftOut.fatigue > 0 && <li>{t('audience.leftOut.fatigue', { count: leftOut.fatigue })}</li>}
          </ul>
          <p>{t('audience.leftOut.when')}</p>
          {props.query !== null && may('delivery.read') && (
            <WouldBeHeldBackNames
              key={JSON.stringify(props.query)}
              schemeId={props.schemeId}
              query={props.query}
            />
          )}
        </div>
      )}
      {two + three + fourOrMore === 0 ? (
        <p>{t('audience.solicited.none')}</p>
      ) : (
        <div>
          <p className={classes.head}>{t('audience.solicited')}</p>
          <dl className={classes.times}>
            {times.map(([name, count], index) => (
              <div key={name} data-most={(index === 2 && count > 0) || undefined}>
                <dt>{name}</dt>
                <dd>{countOf(lang, count)}</dd>
              </div>
            ))}
          </dl>
        </div>
      )}
      {copies.length > 0 && (
        <p>{t('audience.copies', { names: copies.map(({ name }) => name).join(', ') })}</p>
      )}
    </div>
  )
}
