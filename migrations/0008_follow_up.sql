-- Why: what follows the first message of an alert: update, correction, all-clear, closing message, thanks. Each is a
-- broadcast of its own kind to those who may have got the first; the outcome of an alert is kept with it.
-- Locks: broadcasts and alerts shortly.
-- Previous release: goes on running; it shows a follow-up in place of the first message.

alter table broadcasts add column kind text not null default 'first'
  check (kind in ('first', 'update', 'correction', 'all_clear', 'closing', 'thanks', 'copy', 'answer', 'digest'));
-- What the text of a follow-up tells, as the doctrine has it; null: as its alert does.
alter table broadcasts add column level text check (level in ('prevention', 'established', 'precise'));
-- Given by whoever orders: the same order twice is carried out once.
alter table broadcasts add column order_key uuid;
create unique index broadcasts_order_key on broadcasts (scheme_id, order_key) where order_key is not null;
-- An alert has one first message, and is cleared, closed and thanked for once.
create unique index broadcasts_once on broadcasts (scheme_id, alert_id, kind)
  where kind in ('first', 'all_clear', 'closing', 'thanks');

-- An update or a correction leads to `updated`.
drop index alerts_open;
create index alerts_open on alerts (scheme_id, expires_at) where state in ('broadcasting', 'active', 'updated');

alter table alerts add column outcome text check (outcome in ('arrest', 'nothing', 'unknown'));
alter table alerts add column outcome_note text;
alter table alerts add column outcome_at timestamptz;
alter table alerts add column outcome_by text;
alter table alerts add check ((outcome is null) = (outcome_at is null));
