-- Why: a STOP that a provider, or somebody who captured its signed call, sends again must not opt out a number that has opted in since.
-- Locks: opt_outs, for an instant.
-- Previous release: still runs; its opt-outs have no id.

-- The provider's id of the SMS that said STOP; null: it gives none.
alter table opt_outs add column message_id text check (message_id is null or how = 'inbound');
