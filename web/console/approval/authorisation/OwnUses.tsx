import { Button } from '@mantine/core'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { callApi } from '../../../api/client.ts'
import { momentOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { labelOf, useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Approvals.module.css'

/** Every use of the signed-in magistrate's name. */
const ownUsesQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['magistrates', schemeId, 'own'],
    queryFn: async ({ signal }) =>
      (await callApi('listOwnUses', { params: { scheme: schemeId }, signal })).uses,
  })

const SHOWN_FIRST = 5

/** Lists every use of the signed-in magistrate's name, latest first; renders nothing if there is none. */
export function OwnUses() {
  const { t, lang } = useText()
  const now = useMinute()
  const { scheme } = useCurrent()
  const [isWhole, setWhole] = useState(false)
  const query = useQuery(ownUsesQuery(scheme.id))
  if (query.isLoadingError) return <Failure error={query.error} retry={() => void query.refetch()} />
  const uses = query.data ?? []
  if (uses.length === 0) return null
  return (
    <section className={classes.section} aria-labelledby="usages">
      <div>
        <h2 id="usages">{t('approvals.uses', { count: uses.length })}</h2>
        <p className={classes.mute}>{t('approvals.uses.lead')}</p>
      </div>
      <ul className={classes.uses}>
        {uses.slice(0, isWhole ? undefined : SHOWN_FIRST).map((use) => (
          <li key={use.id} data-state={use.confirmation ?? 'own'}>
            <Link to="/alertes/$alertId" params={{ alertId: use.alertId }}>
              {use.reference}
            </Link>
            <span>
              {labelOf(lang, { labelFr: use.category.fr, labelEn: use.category.en })} · {use.commune} ·{' '}
              {use.scope}
            </span>
            <span className={classes.mute}>
              {t('approvals.uses.by', { by: use.recordedBy, when: momentOf(lang, use.recordedAt, now) })} ·{' '}
              {t(`approvals.uses.state.${use.confirmation ?? 'own'}`)}
            </span>
            {use.confirmation === 'pending' && (
              <Link to="/parquet/$scheme/$id" params={{ scheme: scheme.id, id: use.id }}>
                {t('approvals.uses.answer')}
              </Link>
            )}
          </li>
        ))}
      </ul>
      {!isWhole && uses.length > SHOWN_FIRST && (
        <Button variant="default" onClick={() => setWhole(true)}>
          {t('approvals.uses.all', { count: uses.length })}
        </Button>
      )}
    </section>
  )
}
