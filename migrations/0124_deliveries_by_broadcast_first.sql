-- Why: each delivery that is written or changed is looked up by its key. Broadcast and number tell nearly all rows apart, so the
-- scheme, a text, is compared last; an eighth of planning a recipient.
-- Locks: deliveries, while the new key is built, a second or so for a million rows.
-- Previous release: still runs.

alter table deliveries drop constraint deliveries_pkey, add primary key (broadcast_id, no, scheme_id);
