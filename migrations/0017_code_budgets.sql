-- Why: one-time codes are counted apart by what they are for, so that codes which a stranger requests take no code from a
-- member; a scheme has a daily budget for those to join and one for those to sign in.
-- Locks: one_time_codes, for an instant.
-- Previous release: still runs; it counts all codes of a number together.

alter table one_time_codes
  -- join: to join; sign_in: from a browser that is not known; known_device: from one on which the number was proved before;
  -- change: to the new number of a member; other: everything else.
  add column budget text not null default 'other' check (budget in ('join', 'sign_in', 'known_device', 'change', 'other')),
  -- What the SMS cost when it was sent, in thousandths of a cent.
  add column cost_millicents integer not null default 0 check (cost_millicents >= 0);
update one_time_codes set budget = case purpose when 'enrolment' then 'join' when 'sign_in' then 'sign_in'
  when 'phone_change' then 'change' else 'other' end;

-- The counted requests for codes to a number within one budget, the last first, over all schemes: when, and from which network.
create function code_requests(hash text, of_budget text, since timestamptz)
  returns table (requested_at timestamptz, address_hash text) language sql stable security definer
  set search_path = public, pg_temp as $$
  select created_at, c.address_hash from one_time_codes c
  where phone_hash = hash and budget = of_budget and in_turn and created_at > since order by created_at desc
$$;
