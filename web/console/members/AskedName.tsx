import { useQuery } from '@tanstack/react-query'
import { momentOf } from '../../ui/format.ts'
import { useMinute } from '../../ui/now.ts'
import { useText } from '../../ui/text.ts'
import { renamesQuery } from '../enrolments/queries.ts'
import { useCurrent } from '../shell/current.tsx'
import classes from './Members.module.css'
import { RenameActs } from './RenameActs.tsx'

/** The name that the member asks for, answered from its card. Renders nothing if none waits. */
export function AskedName(props: { memberId: string }) {
  const { t, lang } = useText()
  const { scheme, may } = useCurrent()
  const now = useMinute()
  const renames = useQuery({ ...renamesQuery(scheme.id), enabled: may('member.rename') }).data?.renames
  const rename = renames?.find(({ memberId }) => memberId === props.memberId)
  if (rename === undefined) return null
  return (
    <section className={classes.asked} aria-labelledby="asked-name">
      <h3 id="asked-name" className={classes.sub}>
        {t('renames.one')}
      </h3>
      <p>
        <b>{rename.wanted}</b> · {momentOf(lang, rename.askedAt, now)}
      </p>
      {rename.inSms !== rename.wanted && <p>{t('renames.inSms', { inSms: rename.inSms })}</p>}
      <RenameActs rename={rename} />
    </section>
  )
}
