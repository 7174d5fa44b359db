-- Why: a phone whose memory was full gets the message of an alert once more, a while later.
-- Locks: broadcasts and delivery_attempts, for an instant.
-- Previous release: still runs; it tries no phone again.

-- When deliveries to phones whose memory was full are due to be sent once more; null: none waits. How many were, and when last.
alter table broadcasts
  add column retry_at timestamptz,
  add column resent integer not null default 0,
  add column resent_at timestamptz;
create index broadcasts_retry on broadcasts (retry_at) where retry_at is not null;

-- memory_full: the first sending to a phone whose memory was full; the row of the delivery has the second one.
alter table delivery_attempts drop constraint delivery_attempts_outcome_check;
alter table delivery_attempts add constraint delivery_attempts_outcome_check
  check (outcome in ('refused', 'unknown', 'accepted_late', 'memory_full'));
-- A late receipt of the first sending is found here, by its id.
create index delivery_attempts_memory_full on delivery_attempts (at) where outcome = 'memory_full';
