-- Why: what a business asks to correct, its name included, is one request with one answer; undoing the change that accepted a name
-- restores the request, as for the other values.
-- Locks: member_renames, member_corrections and outbox, for a moment.
-- Previous release: no longer runs; it reads member_renames.

alter table member_corrections
  add column name text,
  drop constraint member_corrections_check,
  add check (name is not null or siret is not null or trade is not null or commune_code is not null);

-- Of a declined request and one that waits, the declined one was answered. Two that wait, or were declined, are one.
delete from member_corrections c using member_renames r
where r.scheme_id = c.scheme_id and r.member_id = c.member_id and c.declined_at is not null and r.declined_at is null;
delete from member_renames r using member_corrections c
where r.scheme_id = c.scheme_id and r.member_id = c.member_id and r.declined_at is not null and c.declined_at is null;
insert into member_corrections as c (scheme_id, member_id, name, asked_at, asked_by, declined_at, reason)
select scheme_id, member_id, name, asked_at, asked_by, declined_at, reason from member_renames
on conflict (scheme_id, member_id) do update set
  name = excluded.name,
  asked_at = greatest(c.asked_at, excluded.asked_at),
  asked_by = case when excluded.asked_at > c.asked_at then excluded.asked_by else c.asked_by end,
  declined_at = greatest(c.declined_at, excluded.declined_at),
  reason = case when excluded.declined_at > c.declined_at then excluded.reason else c.reason end;
drop table member_renames;

-- The requests that changes settled, until these can no longer be undone.
update member_change_rows set correction = correction || '{"name": null}' where correction is not null;

-- Answers that were not sent yet.
update outbox set template = replace(template, 'rename.', 'correction.')
where template in ('mail.rename.accepted', 'mail.rename.declined', 'rename.sms.answered');
