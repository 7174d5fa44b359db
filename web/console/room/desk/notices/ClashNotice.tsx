import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useText } from '../../../../ui/format/text.ts'
import type { Clash } from '../../text/autosave.ts'
import classes from '../Desk.module.css'

/** Shows the two texts when two users changed the same message, and lets one be kept. */
export function ClashNotice(props: {
  clash: Clash
  mine: string
  onTheirs: () => void
  onMine: () => void
  onLeave: () => void
}) {
  const { t } = useText()
  const { clash, mine } = props
  const by = clash.by ?? t('clash.somebody')
  if (clash.kind === 'gone') {
    return (
      <section className={classes.clash} role="alert">
        <b>{t('clash.gone', { by, reference: clash.theirs.reference })}</b>
        <p>{t('clash.gone.why')}</p>
        <div className={classes.actions}>
          <Button variant="default" onClick={props.onLeave}>
            {t('clash.leave')}
          </Button>
          <Button
            renderRoot={(root) => (
              <Link {...root} to="/alertes/$alertId" params={{ alertId: clash.theirs.id }} />
            )}
          >
            {t('clash.see')}
          </Button>
        </div>
      </section>
    )
  }
  return (
    <section className={classes.clash} role="alert">
      <b>{t('clash.title', { by })}</b>
      <div className={classes.both}>
        <figure>
          <figcaption>{t('clash.theirs', { by })}</figcaption>
          <blockquote>{clash.theirs.text}</blockquote>
          <small>{clash.theirs.areaLabel}</small>
        </figure>
        <figure>
          <figcaption>{t('clash.mine')}</figcaption>
          <blockquote>{mine}</blockquote>
        </figure>
      </div>
      <div className={classes.actions}>
        <Button variant="default" onClick={props.onTheirs}>
          {t('clash.takeTheirs')}
        </Button>
        <Button onClick={props.onMine}>{t('clash.keepMine')}</Button>
      </div>
    </section>
  )
}
