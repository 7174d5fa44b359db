-- Why: whoever asks for a code learns at once whether one leaves and when the next may be had, the same whether anybody has the
-- number. So a number's codes are counted when they are asked for, over all schemes: a count of each scheme would tell which
-- one knows it.
-- Locks: one_time_codes for an instant.
-- Previous release: goes on running; what it writes counts as a turn.
alter table one_time_codes
  -- False: it came within a minute of another for its number, or after the last of the day. It is never sent.
  add column in_turn boolean not null default true,
  -- When another for this number may be asked for, as it stood then.
  add column next_at timestamptz;
drop index one_time_codes_phone;
create index one_time_codes_phone on one_time_codes (phone_hash, created_at);

-- The codes of a number that count, the last first, over all schemes: instants, and nothing of whom or what they were for.
create function code_turns(hash text, since timestamptz) returns setof timestamptz language sql stable security definer
  set search_path = public, pg_temp as $$
  select created_at from one_time_codes where phone_hash = hash and in_turn and created_at > since order by created_at desc
$$;
