-- Why: a message that was sent by mistake is stopped before all of it left.
-- Locks: service_messages for an instant.
-- Previous release: goes on running.

alter table service_messages add column stopped_at timestamptz, add column stopped_by text, add column stopper text,
  add check (stopped_at is null or state = 'sent');
