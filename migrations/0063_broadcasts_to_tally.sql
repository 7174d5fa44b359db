-- Why: broadcasts that are never counted (to a group, digests) stayed in the index of those to count, and were read each time.
-- Locks: broadcasts, against writing, for as long as its rows are read once.
-- Previous release: goes on running.

drop index broadcasts_to_tally;
-- As UNCOUNTED_KINDS of src/deliveries/kinds.ts.
create index broadcasts_to_tally on broadcasts (done_at)
  where state = 'done' and tallied_at is null and kind not in ('copy', 'answer', 'code', 'service', 'group', 'digest');
