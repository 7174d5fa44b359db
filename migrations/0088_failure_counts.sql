-- Why: wrong passwords and wrong texts of the public check are counted in the database, so that every process of an
-- installation counts alike and a restart forgets nothing.
-- Locks: nothing that exists.
-- Previous release: goes on running; it counts in its own memory, as before.

-- Belongs to no scheme: whoever fails is not known yet. Read and written by the owner alone.
create table failure_counts (
  -- Kind and HMAC: neither an address, nor a mail, nor a text can be read from it.
  subject  text primary key,
  -- Start of the period that is counted.
  since    timestamptz not null,
  failures integer not null check (failures >= 0)
);
create index failure_counts_since on failure_counts (since);
