import { useQuery } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useMemo, useState } from 'react'
import type { SessionView } from '../../../src/identity/contract.ts'
import { setTimeZone } from '../../api/clock.ts'
import { endedQuery, sessionQuery } from '../../api/queries.ts'

/** The permissions that screens check; the server checks them again in every action. */
export type Right =
  | 'scheme.read'
  | 'territory.read'
  | 'report.create'
  | 'report.read'
  | 'report.decide'
  | 'series.read'
  | 'series.link'
  | 'relay.read'
  | 'relay.propose'
  | 'relay.decide'
  | 'delivery.trace'
  | 'audit.read'
  | 'audit.read_installation'
  | 'operation.read'
  | 'alert.compose'
  | 'wall.open'
  | 'alert.broadcast'
  | 'alert.submit'
  | 'alert.approve'
  | 'alert.override'
  | 'alert.review'
  | 'guard.pass'
  | 'authorisation.record'
  | 'authorisation.own'
  | 'alert.follow_up'
  | 'alert.stop'
  | 'alert.close'
  | 'alert.read'
  | 'alert.read_precise'
  | 'audience.preview'
  | 'delivery.read'
  | 'route.read'
  | 'mail.check'
  | 'caller.find'
  | 'member.read'
  | 'member.care'
  | 'member.notes'
  | 'member.tags'
  | 'tag.manage'
  | 'trade.manage'
  | 'member.change'
  | 'member.import'
  | 'member.export'
  | 'member.views'
  | 'number.read'
  | 'today.read'
  | 'number.correct'
  | 'number.settings'
  | 'member.merge'
  | 'dues.read'
  | 'dues.manage'
  | 'dues.settings'
  | 'dues.export'
  | 'enrolment.read'
  | 'enrolment.decide'
  | 'enrolment.settings'
  | 'charter.publish'
  | 'statistics.read'
  | 'statistics.publish'
  | 'member.accesses'
  | 'retention.read'
  | 'request.manage'
  | 'member.file'
  | 'message.read'
  | 'message.write'
  | 'message.approve'
  | 'message.settings'
  | 'magistrate.manage'
  | 'observer.manage'
  | 'on_call.read'
  | 'on_call.set'
  | 'call_out.read'
  | 'people.read'
  | 'people.manage'
  | 'sector.manage'
  | 'zone.manage'
  | 'doctrine.read'
  | 'doctrine.set'
  | 'access.set'
  | 'scheme.create'
  | 'setting_change.read'
  | 'break_glass.close'

type Membership = SessionView['schemes'][number]
export type RoleName = Membership['role']

export interface Current {
  user: SessionView['user']
  scheme: Membership
  schemes: readonly Membership[]
  choose: (schemeId: string) => void
  may: (right: Right) => boolean
}

const KEPT_AS = 'tocsin.schemeId'
/** Makes a scheme the one that the screens show when they open next. */
export function keepScheme(schemeId: string): void {
  localStorage.setItem(KEPT_AS, schemeId)
}

const Context = createContext<Current | null>(null)

/**
 * Returns the session that ended on the server while its screens were open; null while there is one, and after a sign-out.
 * Only screens that were opened with it remember it.
 */
export function useEndedSession(): SessionView | null {
  const session = useQuery(sessionQuery).data ?? null
  const ended = useQuery(endedQuery).data
  const [last, setLast] = useState(session)
  if (session !== null && session !== last) setLast(session)
  return session === null && ended ? last : null
}

/**
 * Provides the signed-in user and their scheme to the components inside; null when not signed in.
 * @param props.schemeId the scheme of the page, whatever scheme was chosen; null then for a user without a role in it
 * @param props.held the session that ended, which the screens keep until the user signs in again
 */
export function CurrentProvider(props: {
  schemeId?: string
  held?: SessionView | null
  children: ReactNode
}) {
  const session = useQuery(sessionQuery).data ?? props.held ?? null
  const [chosen, setChosen] = useState(() => localStorage.getItem(KEPT_AS))
  const current = useMemo<Current | null>(() => {
    if (session === null) return null
    const named = session.schemes.find((one) => one.id === (props.schemeId ?? chosen))
    const scheme = named ?? (props.schemeId === undefined ? session.schemes[0] : undefined)
    if (scheme === undefined) return null
    const rights = new Set(scheme.permissions)
    return {
      user: session.user,
      scheme,
      schemes: session.schemes,
      choose: (schemeId) => {
        keepScheme(schemeId)
        setChosen(schemeId)
      },
      may: (right) => rights.has(right),
    }
  }, [session, chosen, props.schemeId])
  // Before the screens inside are drawn, which format their times by it.
  if (current !== null) setTimeZone(current.scheme.timeZone)
  return <Context value={current}>{props.children}</Context>
}

/** Returns null when nobody is signed in (the wall of phones is public in the demo). */
export function useMaybeCurrent(): Current | null {
  return useContext(Context)
}

/** For screens that require a session. */
export function useCurrent(): Current {
  const current = useContext(Context)
  if (current === null) throw new Error('this screen needs a session')
  return current
}
