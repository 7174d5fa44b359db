-- Why: whoever read a dump or a backup read every number. With keys, the program stores a pseudonym in place of each number, in
-- every column, and the number itself once, encrypted, in pseudonyms (docs/adr/0039-a-number-is-stored-once.md).
-- Locks: contacts, enrolments, observers, outbox and on_call_people, while their numbers are checked once.
-- Previous release: still runs as long as no process has keys.

-- One row once numbers are stored under pseudonyms: from then on no process works without the keys.
create table encryption (
  id          boolean primary key default true check (id),
  since       timestamptz not null default now(),
  -- Made with the index key: another key would make other pseudonyms, which meet none of those stored.
  index_check text not null,
  -- When numbers that no row refers to were last looked for.
  searched_at timestamptz
);
alter table encryption enable row level security;
alter table encryption force row level security;
create policy encryption_across on encryption to tocsin_service using (true);

create table pseudonyms (
  -- n1., 128 bits of an HMAC of the number in base32, and m, or f for a French landline.
  pseudonym    text primary key check (pseudonym ~ '^n1\.[a-z2-7]{26}[mf]$'),
  -- The number (src/cipher/cipher.ts).
  sealed       text not null,
  -- HMACs of its last four digits, and of its last seven, by which receipts with a national number are matched.
  end4         text not null,
  end7         text not null,
  kept_at      timestamptz not null default now(),
  -- Since when no row refers to it; it is deleted a while later.
  unused_since timestamptz
);
create index pseudonyms_end4 on pseudonyms (end4);
create index pseudonyms_end7 on pseudonyms (end7);
alter table pseudonyms enable row level security;
alter table pseudonyms force row level security;
create policy pseudonyms_across on pseudonyms to tocsin_service using (true);

-- A role of one scheme keeps and reads the numbers whose pseudonyms it has, and cannot list them.
create function keep_numbers(names text[], numbers text[], ends4 text[], ends7 text[]) returns void language sql security definer
  set search_path = public, pg_temp as $$
  insert into pseudonyms as p (pseudonym, sealed, end4, end7)
  select name, number, four, seven from unnest(names, numbers, ends4, ends7) as n (name, number, four, seven) order by name
  -- A number is not deleted within a day after it was kept, so that it is there when its statement refers to it.
  on conflict (pseudonym) do update set kept_at = now(), unused_since = null
  where p.unused_since is not null or p.kept_at < now() - interval '6 hours'
$$;
create function sealed_numbers(names text[]) returns table (pseudonym text, sealed text) language sql stable security definer
  set search_path = public, pg_temp as $$
  select p.pseudonym, p.sealed from pseudonyms p where p.pseudonym = any (names)
$$;
create function numbers_ending(ending text) returns setof text language sql stable security definer
  set search_path = public, pg_temp as $$
  select p.pseudonym from pseudonyms p where p.end4 = ending or p.end7 = ending
$$;
revoke all on function keep_numbers(text[], text[], text[], text[]), sealed_numbers(text[]), numbers_ending(text) from public;
grant execute on function keep_numbers(text[], text[], text[], text[]), sealed_numbers(text[]), numbers_ending(text)
  to tocsin_app, tocsin_contact, tocsin_service;

-- A number in clear, or its pseudonym.
create function is_number(stored text) returns boolean language sql immutable parallel safe as $$
  select stored ~ '^(\+[1-9][0-9]{6,14}|n1\.[a-z2-7]{26}[mf])$'
$$;
create or replace function is_landline(phone text) returns boolean language sql immutable parallel safe as $$
  select phone ~ '^(\+(33[1-59]|(262|590|594|596)(26|59|9))|n1\..*f$)'
$$;

alter table contacts drop constraint contacts_mobile_check, add constraint contacts_mobile_check check (is_number(mobile));
alter table enrolments drop constraint enrolments_mobile_check, add constraint enrolments_mobile_check check (is_number(mobile));
alter table observers drop constraint observers_phone_check, add constraint observers_phone_check check (is_number(phone));
alter table on_call_people drop constraint on_call_people_phone_check,
  add constraint on_call_people_phone_check check (is_number(phone));
alter table outbox drop constraint outbox_check,
  add constraint outbox_check check (channel <> 'sms' or address = '' or is_number(address));
