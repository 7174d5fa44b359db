import { type RawBuilder, sql } from 'kysely'
import { KNOWN_AFTER_DAYS } from '../outbox/reached.ts'

/**
 * The notices that a member receives by SMS and mail: its alerts are suspended, resumed, or end for good; and, by one of the two, that
 * an import added it.
 */
export type NoticeKind = 'suspend' | 'resume' | 'leave' | 'welcome'

/**
 * The state of a notice by SMS or by mail. `none`: the member has no such address. `sent`: not known yet whether it arrived.
 */
export type NoticeState = 'waiting' | 'none' | 'sent' | 'reached' | 'failed' | 'withdrawn'

/** Computes the state of each row `n` of member_notices. */
export const noticeState = (now: RawBuilder<Date>) => sql<NoticeState>`case
  when n.withdrawn_at is not null then 'withdrawn' when n.sent_at is null then 'waiting' when n.messages = 0 then 'none'
  when n.reached_at is not null then 'reached' when n.sent_at > ${now} - make_interval(days => ${KNOWN_AFTER_DAYS}) then 'sent'
  else 'failed' end`

/**
 * Tells whether a member `m` is suspended by the chamber and the notice of its last suspension may not have reached it. A
 * member last suspended by the dues rule was notified by that rule.
 */
export const isUnnotified = (now: RawBuilder<Date>) => sql<boolean>`m.status = 'suspended' and (
  select bool_and(${noticeState(now)} in ('none', 'failed')) from member_notices n
  where n.scheme_id = m.scheme_id and n.member_id = m.id and n.kind = 'suspend' and n.withdrawn_at is null
    and n.change_id = (
      select l.change_id from member_notices l
      where l.scheme_id = m.scheme_id and l.member_id = m.id and l.kind = 'suspend' and l.withdrawn_at is null
        and l.due_at > coalesce((select max(s.suspended_at) from dues_suspensions s
          where s.scheme_id = m.scheme_id and s.member_id = m.id), '-infinity')
      order by l.due_at desc limit 1))`
