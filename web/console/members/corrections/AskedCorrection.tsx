import { useQuery } from '@tanstack/react-query'
import { momentOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { correctionsQuery } from '../../enrolments/queries.ts'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Members.module.css'
import { Asked } from './Asked.tsx'
import { CorrectionActs } from './CorrectionActs.tsx'

/** Shows the correction that the member requested, to be decided from its card. Renders nothing if none is pending. */
export function AskedCorrection(props: { memberId: string; nameOfTrade: (code: string) => string }) {
  const { t, lang } = useText()
  const { scheme, may } = useCurrent()
  const now = useMinute()
  const waiting = useQuery({ ...correctionsQuery(scheme.id), enabled: may('member.change') }).data
  const correction = waiting?.corrections.find(({ memberId }) => memberId === props.memberId)
  if (correction === undefined) return null
  return (
    <section className={classes.asked} aria-labelledby="asked-correction">
      <h3 id="asked-correction" className={classes.sub}>
        {t('corrections.one')}
      </h3>
      <p>{momentOf(lang, correction.askedAt, now)}</p>
      <Asked correction={correction} nameOfTrade={props.nameOfTrade} />
      <CorrectionActs correction={correction} />
    </section>
  )
}
