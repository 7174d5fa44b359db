import { type RawBuilder, sql } from 'kysely'
import { KNOWN_AFTER_DAYS } from './reached.ts'

/** What a member is told of, by SMS and by mail: alerts end for it, come again, or end for good. */
export type NoticeKind = 'suspend' | 'resume' | 'leave'

/** What became of a notice by one way. `none`: there is no such way. `sent`: it is not known yet whether it arrived. */
export type NoticeState = 'waiting' | 'none' | 'sent' | 'reached' | 'failed' | 'withdrawn'

/** Of rows `n` of member_notices. */
export const noticeState = (now: RawBuilder<Date>) => sql<NoticeState>`case
  when n.withdrawn_at is not null then 'withdrawn' when n.sent_at is null then 'waiting' when n.sent = '{}' then 'none'
  when n.reached_at is not null then 'reached' when n.sent_at > ${now} - make_interval(days => ${KNOWN_AFTER_DAYS}) then 'sent'
  else 'failed' end`

/**
 * Whether a member `m` is suspended by the chamber, and nothing that told it of its last suspension may have reached it. Whoever
 * the rule of dues suspended last was told by that rule.
 */
export const isUntold = (now: RawBuilder<Date>) => sql<boolean>`m.status = 'suspended' and (
  select bool_and(${noticeState(now)} in ('none', 'failed')) from member_notices n
  where n.scheme_id = m.scheme_id and n.member_id = m.id and n.kind = 'suspend' and n.withdrawn_at is null
    and n.change_id = (
      select l.change_id from member_notices l
      where l.scheme_id = m.scheme_id and l.member_id = m.id and l.kind = 'suspend' and l.withdrawn_at is null
        and l.due_at > coalesce((select max(s.suspended_at) from dues_suspensions s
          where s.scheme_id = m.scheme_id and s.member_id = m.id), '-infinity')
      order by l.due_at desc limit 1))`
