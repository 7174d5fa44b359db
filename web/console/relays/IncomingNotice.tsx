import IconArrowRight from '@tabler/icons-react/icons/IconArrowRight'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { memo } from 'react'
import { useText } from '../../ui/format/text.ts'
import { useCurrent } from '../shell/current.tsx'
import { relaysQuery } from './queries.ts'
import classes from './Relays.module.css'

/** A notice in the alert room while a relay of another scheme waits for a response. */
export const IncomingNotice = memo(function IncomingNotice() {
  const { t } = useText()
  const { scheme } = useCurrent()
  const waiting = useQuery(relaysQuery(scheme.id, { direction: 'in', state: 'proposed' })).data ?? []
  const [first] = waiting
  if (first === undefined) return null
  return (
    <Link to="/series" hash="relais-recus" className={classes.notice}>
      <span>
        {t('relay.waiting', { count: waiting.length })}
        <small>{t('relay.from', { scheme: first.scheme.name })}</small>
      </span>
      <IconArrowRight size={18} aria-hidden />
    </Link>
  )
})
