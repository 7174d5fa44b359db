import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { CallOutView } from '../../../../src/on-call/contract.ts'
import { alertQuery } from '../../../api/queries.ts'
import { whenOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { useOpenAuthorisations } from '../../on-call/useOpenAuthorisations.ts'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Approvals.module.css'
import { CardHead } from '../cards/CardHead.tsx'

/** Lists for a magistrate the authorisations that are asked before a submission; each opens the page of its SMS. */
export function AskedAuthorisations() {
  const { t } = useText()
  const { scheme } = useCurrent()
  const asked = useOpenAuthorisations(scheme) ?? []
  if (asked.length === 0) return null
  return (
    <section className={classes.section} aria-labelledby="accords">
      <div>
        <h2 id="accords">{t('approvals.asked')}</h2>
        <p className={classes.mute}>{t('approvals.asked.lead')}</p>
      </div>
      <ul className={classes.list}>
        {asked.map((callOut) => (
          <Asked key={callOut.id} callOut={callOut} />
        ))}
      </ul>
    </section>
  )
}

function Asked(props: { callOut: CallOutView }) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const now = useMinute()
  const { alertId, followUpId, askedBy, scope, startedAt } = props.callOut
  const alert = useQuery(alertQuery(scheme.id, alertId)).data?.alert
  if (alert === undefined) return null
  const followUp = alert.followUps.find(({ id }) => id === followUpId)
  const who = askedBy ?? (followUp ?? alert).approval.submittedBy ?? alert.createdBy
  return (
    <li>
      <article className={classes.card} aria-label={t('approvals.asked.of', { reference: alert.reference })}>
        <CardHead alert={alert} level={3} />
        <p className={classes.wants}>
          {t('approvals.asked.by', { who, when: whenOf(lang, startedAt, now) })}
          {scope !== null && ` ${t('approvals.asked.scope', { scope })}`}
        </p>
        <p className={classes.text}>{(followUp ?? alert).text}</p>
        <div className={classes.actions}>
          <Button
            renderRoot={(root) => (
              <Link
                {...root}
                to="/valider/$scheme/$alertId"
                params={{ scheme: scheme.id, alertId }}
                search={followUpId === null ? {} : { suite: followUpId }}
              />
            )}
          >
            {t('approvals.asked.open')}
          </Button>
        </div>
      </article>
    </li>
  )
}
