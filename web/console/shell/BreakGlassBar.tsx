import { Button, Modal } from '@mantine/core'
import IconAlertTriangle from '@tabler/icons-react/icons/IconAlertTriangle'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import type { BreakGlassOpening } from '../../../src/break-glass/contract.ts'
import { callApi } from '../../api/client.ts'
import { breakGlassQuery } from '../../api/queries.ts'
import { useAction } from '../../api/useAction.ts'
import { DialogButtons } from '../../ui/dialog/DialogButtons.tsx'
import { clockOf, momentOf, timeOf, whenOf } from '../../ui/format/format.ts'
import { useMinute, useNow } from '../../ui/format/now.ts'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import classes from './BreakGlassBar.module.css'
import { useMaybeCurrent } from './current.tsx'

/** The opening that the user of this browser has read. */
const READ_AS = 'tocsin.breakGlassRead'

/**
 * Says on every screen that the break-glass account is open, by whom and why, and for 24 hours that it was. An open one cannot be
 * dismissed.
 * @param props `onHeight`: receives the height in pixels, for screens that fit below
 */
export function BreakGlassBar(props: { onHeight?: (pixels: number) => void }) {
  const { t } = useText()
  const { opening } = useQuery(breakGlassQuery).data ?? {}
  const [read, setRead] = useState(() => localStorage.getItem(READ_AS))
  const bar = useRef<HTMLElement>(null)
  const { onHeight } = props
  const isShown = opening != null && (opening.closedAt === null || opening.id !== read)
  useEffect(() => {
    const element = bar.current
    if (!isShown || element === null || onHeight === undefined) return
    const observer = new ResizeObserver(() => onHeight(element.offsetHeight))
    observer.observe(element)
    return () => {
      observer.disconnect()
      onHeight(0)
    }
  }, [isShown, onHeight])
  if (!isShown) return null
  const markRead = () => {
    localStorage.setItem(READ_AS, opening.id)
    setRead(opening.id)
  }
  return (
    <section ref={bar} className={classes.bar} data-kind={kindOf(opening)} aria-label={t('breakGlass.bar')}>
      <IconAlertTriangle size={20} stroke={1.8} aria-hidden className={classes.icon} />
      {opening.closedAt === null ? (
        <Open opening={opening} />
      ) : (
        <Closed opening={opening} closedAt={opening.closedAt} onRead={markRead} />
      )}
    </section>
  )
}

function kindOf({ drill, closedAt }: BreakGlassOpening): 'drill' | 'open' | 'closed' {
  return closedAt !== null ? 'closed' : drill ? 'drill' : 'open'
}

function Open(props: { opening: BreakGlassOpening }) {
  const { t, lang } = useText()
  const now = useMinute()
  const current = useMaybeCurrent()
  const { opening } = props
  const { names, reason, drill, own, openedAt, endsAt } = opening
  const [isClosing, setClosing] = useState(false)
  const values = { first: names[0] ?? '', second: names[1] ?? '', drill: String(drill) }
  return (
    <>
      <div className={classes.text} role="alert">
        <p className={classes.title}>{t(own ? 'breakGlass.own' : 'breakGlass.open', values)}</p>
        <p>
          {t('breakGlass.who', {
            ...values,
            since: momentOf(lang, openedAt, now),
            until: timeOf(lang, endsAt),
          })}{' '}
          {t('breakGlass.reason', { reason })}
        </p>
      </div>
      <div className={classes.acts}>
        {own && <Left endsAt={endsAt} />}
        {own && (
          <Button component={Link} to="/secours" size="xs" variant="default">
            {t('breakGlass.page')}
          </Button>
        )}
        {(own || current?.may('break_glass.close') === true) && (
          <Button size="xs" variant="default" onClick={() => setClosing(true)}>
            {t('breakGlass.close')}
          </Button>
        )}
      </div>
      {isClosing && <CloseDialog opening={opening} onClose={() => setClosing(false)} />}
    </>
  )
}

/** The time left, by the second. */
export function Left(props: { endsAt: string }) {
  const { t, lang } = useText()
  const now = useNow()
  return (
    <span className={classes.left} role="timer">
      {t('breakGlass.left', { left: clockOf(lang, Math.max(0, Date.parse(props.endsAt) - now)) })}
    </span>
  )
}

/** Asks before the account is closed: opening it again needs two new envelopes. */
export function CloseDialog(props: { opening: BreakGlassOpening; onClose: () => void }) {
  const { t } = useText()
  const { opening, onClose } = props
  const navigate = useNavigate()
  const close = useAction(() => callApi(opening.own ? 'endOwnBreakGlass' : 'closeBreakGlass'), {
    refresh: [breakGlassQuery.queryKey],
    // Another user may have been faster.
    refreshAfterFailure: [breakGlassQuery.queryKey],
    onSuccess: () => {
      if (opening.own) void navigate({ to: '/secours', search: { fin: 'oui' }, reloadDocument: true })
      else onClose()
    },
  })
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={onClose}
      size={520}
      title={t('breakGlass.close.title')}
      closeButtonProps={{ 'aria-label': t('action.cancel') }}
    >
      <div className={classes.dialog}>
        <p>{t(opening.own ? 'breakGlass.close.own' : 'breakGlass.close.what')}</p>
        <Failure error={close.failure} />
        <DialogButtons onBack={onClose}>
          <Button color="red" data-autofocus loading={close.isPending} onClick={() => close.mutate()}>
            {t('breakGlass.close')}
          </Button>
        </DialogButtons>
      </div>
    </Modal>
  )
}

/** Asks before the account in which the user works is closed. */
export function CloseOwnDialog(props: { onClose: () => void }) {
  const { opening } = useQuery(breakGlassQuery).data ?? {}
  return opening?.own === true && <CloseDialog opening={opening} onClose={props.onClose} />
}

/** Shows the people who opened the account, and their reason. */
export function WhoAndWhy(props: { opening: BreakGlassOpening }) {
  const { t } = useText()
  const { names, reason } = props.opening
  const [first = '', second = ''] = names
  return (
    <>
      {t('breakGlass.was.who', { first, second })} {t('breakGlass.reason', { reason })}
    </>
  )
}

/** Shows the reason for which an opening ended, and the number of actions in it. */
export function HowEnded(props: { opening: BreakGlassOpening }) {
  const { t } = useText()
  const { closedBy, closedWhy, acts } = props.opening
  return t('breakGlass.was.end', { why: closedWhy ?? 'time', by: closedBy ?? 'none', acts: acts ?? 0 })
}

function Closed(props: { opening: BreakGlassOpening; closedAt: string; onRead: () => void }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { opening, closedAt, onRead } = props
  const { drill, openedAt } = opening
  return (
    <>
      <div className={classes.text} role="status">
        <p className={classes.title}>
          {t('breakGlass.was', {
            from: whenOf(lang, openedAt, now),
            to: timeOf(lang, closedAt),
            drill: String(drill),
          })}
        </p>
        <p>
          <WhoAndWhy opening={opening} /> <HowEnded opening={opening} />
        </p>
      </div>
      <div className={classes.acts}>
        <Button size="xs" variant="default" onClick={onRead}>
          {t('breakGlass.read')}
        </Button>
      </div>
    </>
  )
}
