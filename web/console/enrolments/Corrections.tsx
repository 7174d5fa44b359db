import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { countOf, momentOf } from '../../ui/format/format.ts'
import { useMinute } from '../../ui/format/now.ts'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import { Asked } from '../members/corrections/Asked.tsx'
import { CorrectionActs } from '../members/corrections/CorrectionActs.tsx'
import { useCurrent } from '../shell/current.tsx'
import classes from './Enrolments.module.css'
import { correctionsQuery } from './queries.ts'

/** Lists what businesses asked to correct, each to be accepted or declined. Renders nothing if there is nothing. */
export function Corrections(props: { nameOfTrade: (code: string) => string }) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const now = useMinute()
  const waiting = useQuery(correctionsQuery(scheme.id))
  if (waiting.isLoadingError) return <Failure error={waiting.error} retry={() => void waiting.refetch()} />
  const rows = waiting.data?.corrections ?? []
  if (rows.length === 0) return null
  return (
    <section className={classes.corrections} aria-labelledby="corrections">
      <h2 id="corrections" className={classes.sectionTitle}>
        {t('corrections.title', { count: rows.length, shown: countOf(lang, rows.length) })}
      </h2>
      <p className={classes.aside}>{t('corrections.what')}</p>
      <ul className={classes.correctionsList}>
        {rows.map((row) => (
          <li key={`${row.memberId} ${row.askedAt}`}>
            <div>
              <Link to="/adherents/$memberId" params={{ memberId: row.memberId }}>
                {row.name}
              </Link>
              <p className={classes.aside}>
                {[
                  row.inForce.place.commune.name,
                  props.nameOfTrade(row.inForce.trade),
                  momentOf(lang, row.askedAt, now),
                ].join(' · ')}
              </p>
              <Asked correction={row} nameOfTrade={props.nameOfTrade} />
              <CorrectionActs correction={row} />
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}
