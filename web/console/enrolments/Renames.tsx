import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { MemberRenames } from '../../../src/members/contract.ts'
import { momentOf } from '../../ui/format.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useMinute } from '../../ui/now.ts'
import { useText } from '../../ui/text.ts'
import { RenameActs } from '../members/RenameActs.tsx'
import { useCurrent } from '../shell/current.tsx'
import classes from './Enrolments.module.css'
import { renamesQuery } from './queries.ts'

/** Lists the names that businesses ask for, each to be accepted or declined. Renders nothing if there are none. */
export function Renames(props: { nameOfTrade: (code: string) => string }) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const renames = useQuery(renamesQuery(scheme.id))
  if (renames.isError) return <Failure error={renames.error} retry={() => void renames.refetch()} />
  const rows = renames.data?.renames ?? []
  if (rows.length === 0) return null
  return (
    <section className={classes.renames} aria-labelledby="noms">
      <h2 id="noms" className={classes.renamesTitle}>
        {t('renames.title')}
      </h2>
      <p className={classes.aside}>{t('renames.what')}</p>
      <ul className={classes.renamesList}>
        {rows.map((row) => (
          <Rename key={`${row.memberId} ${row.wanted}`} row={row} trade={props.nameOfTrade(row.trade)} />
        ))}
      </ul>
    </section>
  )
}

function Rename(props: { row: MemberRenames['renames'][number]; trade: string }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { memberId, name, wanted, inSms, commune, askedAt } = props.row
  return (
    <li>
      <div>
        <b>{wanted}</b>
        <p className={classes.aside}>
          {t('renames.before')}{' '}
          <Link to="/adherents/$memberId" params={{ memberId }}>
            {name}
          </Link>
          {` · ${commune.name} · ${props.trade} · ${momentOf(lang, askedAt, now)}`}
        </p>
        {inSms !== wanted && <p className={classes.aside}>{t('renames.inSms', { inSms })}</p>}
        <RenameActs rename={props.row} />
      </div>
    </li>
  )
}
