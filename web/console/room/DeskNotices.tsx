import { Button } from '@mantine/core'
import type { AlertView } from '../../../src/alerts/contract.ts'
import { useText } from '../../ui/text.ts'
import { ClashNotice } from './ClashNotice.tsx'
import classes from './Desk.module.css'
import type { Desk } from './desk.ts'
import { NearNotice } from './NearNotice.tsx'

/** Above the form: what others at work did meanwhile. */
export function DeskNotices(props: {
  desk: Desk
  mine: string
  onTheirs: (alert: AlertView) => void
  onLeave: () => void
}) {
  const { t } = useText()
  const { desk } = props
  const { lostTo, clash } = desk
  return (
    <>
      {lostTo !== null && (
        <section className={classes.taken} role="alert">
          <p>{t('claim.lost', { by: lostTo.by })}</p>
          <Button variant="default" onClick={desk.takeBack}>
            {t('claim.again')}
          </Button>
        </section>
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
      <NearNotice alerts={desk.near} />
    </>
  )
}
