-- Brings a database of release 0.1.0 to 0001_baseline.sql, which its 89 migrations made in many steps. Not a migration of its
-- own: src/platform/database/migrate.ts runs it once, in the transaction that records the baseline.
-- Locks: schemes, alerts and one_time_codes, for as long as their rows are read once.
-- Previous release: no longer runs, since it does not know the baseline.

-- The fee is that of a campaign.
alter table schemes drop column fee_cents;

-- Alerts written before the meaning of their area was stored: it equals none, so that an order for a draft among them asks its
-- author to look again.
alter table alerts alter column audience_hash set default '';
update alerts set audience_hash = '' where audience_hash is null;
alter table alerts alter column audience_hash set not null;

-- Codes requested before their turns were stored; they expired long ago.
update one_time_codes set next_at = created_at where next_at is null;
alter table one_time_codes alter column next_at set not null;

-- What a merge waived is a list, also where it was one fee, or none.
update member_merges
set undo = jsonb_set(undo, '{waived}',
  case jsonb_typeof(undo->'waived') when 'object' then jsonb_build_array(undo->'waived') else '[]' end)
where undo is not null and jsonb_typeof(undo->'waived') is distinct from 'array';

-- The same condition, as the baseline writes it: catalogs of both are then the same, word for word.
drop trigger broadcasts_content_fixed on broadcasts;
create trigger broadcasts_content_fixed
  before update of alert_id, text, encoding, parts, sender, content_hash on broadcasts
  for each row
  when (old.kind <> 'group' or old.state <> 'done' or new.text <> '…'
    or (new.alert_id is distinct from old.alert_id
      or new.encoding is distinct from old.encoding
      or new.parts is distinct from old.parts
      or new.sender is distinct from old.sender
      or new.content_hash is distinct from old.content_hash))
  execute function broadcast_content_is_fixed();
