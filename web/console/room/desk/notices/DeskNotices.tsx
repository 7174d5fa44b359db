import { Button } from '@mantine/core'
import { lazy, Suspense } from 'react'
import type { AlertView } from '../../../../../src/alerts/contract.ts'
import type { ReportView } from '../../../../../src/reports/contract.ts'
import { useText } from '../../../../ui/format/text.ts'
import { Failure } from '../../../../ui/Notice.tsx'
import classes from '../Desk.module.css'
import type { Desk } from '../desk.ts'

// Used so rarely that they are loaded on demand.
const ClashNotice = lazy(() =>
  import('./ClashNotice.tsx').then((module) => ({ default: module.ClashNotice })),
)
const AlikeNotice = lazy(() =>
  import('./AlikeNotice.tsx').then((module) => ({ default: module.AlikeNotice })),
)
const NearNotice = lazy(() => import('./NearNotice.tsx').then((module) => ({ default: module.NearNotice })))

/** Shows above the form what other users did meanwhile. */
export function DeskNotices(props: {
  desk: Desk
  /** The report in the room; null: a new call. */
  reportId: string | null
  mine: string
  onTheirs: (alert: AlertView) => void
  onLeave: () => void
  /** Opens a call that waits, and keeps this one as a draft. */
  onOpen: (report: ReportView) => void
  /** Closes the call because another alert already covers its incident. */
  onDuplicate: () => void
}) {
  const { t } = useText()
  const { desk, reportId } = props
  const { lostTo, clash, takeBack } = desk
  return (
    <Suspense>
      {lostTo !== null && (
        <>
          <section className={classes.taken} role="alert">
            <p>{t('claim.lost', { by: lostTo.by })}</p>
            <Button
              variant="default"
              loading={takeBack.isPending}
              onClick={() => reportId !== null && takeBack.mutate(reportId)}
            >
              {t('claim.again')}
            </Button>
          </section>
          <Failure error={takeBack.failure} />
        </>
      )}
      {clash !== null && (
        <ClashNotice
          clash={clash}
          mine={props.mine}
          onTheirs={() => props.onTheirs(clash.theirs)}
          onMine={desk.keepMine}
          onLeave={props.onLeave}
        />
      )}
      {desk.alike.length > 0 && (
        <AlikeNotice calls={desk.alike} onOpen={props.onOpen} onDuplicate={props.onDuplicate} />
      )}
      {desk.near.length > 0 && <NearNotice alerts={desk.near} onDuplicate={props.onDuplicate} />}
    </Suspense>
  )
}
