-- Why: a business that is twice in the list becomes one member, nothing of what was its own is lost, and the chamber can take
-- it back for a day.
-- Locks: members and contacts while the index by SIRET is written anew; the others for an instant.
-- Previous release: goes on running; its import may enter again what was merged.

-- The member that one was merged into: it stays as a pointer, and gets and does nothing any more. Never a pointer itself.
alter table members add column merged_into uuid,
  add constraint members_kept foreign key (scheme_id, merged_into) references members,
  add constraint members_pointer check (merged_into is null or (status = 'left' and merged_into <> id));
create index members_merged on members (scheme_id, merged_into) where merged_into is not null;
-- A pointer keeps its SIRET, and so may the member that took it over.
drop index members_siret;
create unique index members_siret on members (scheme_id, siret) where siret is not null and merged_into is null;

-- The member that it came from by a merge; null: it is its member's own.
alter table contacts add column merged_from uuid;

create table member_merges (
  scheme_id text not null references schemes,
  id        uuid not null,
  kept_member_id   uuid not null,
  merged_member_id uuid not null,
  merged_at timestamptz not null,
  merged_by text not null,
  undone_at timestamptz,
  -- What it takes to take it back (src/members/merge/store.ts). It holds numbers: null once it is too late.
  undo      jsonb,
  primary key (scheme_id, id),
  foreign key (scheme_id, kept_member_id) references members on delete cascade,
  foreign key (scheme_id, merged_member_id) references members on delete cascade
);
create unique index member_merges_merged on member_merges (scheme_id, merged_member_id) where undone_at is null;
create index member_merges_kept on member_merges (scheme_id, kept_member_id);
create index member_merges_undo on member_merges (merged_at) where undo is not null;
alter table member_merges enable row level security;
create policy member_merges_own on member_merges to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update on member_merges to tocsin_app;

-- How lists may still name the two that were merged: what names one of them is about the member that was kept.
create table member_aliases (
  scheme_id    text not null,
  merge_id     uuid not null,
  -- Of the one that was kept, or of the other.
  of_kept      boolean not null,
  -- The pointer, which says whose name it is now.
  member_id    uuid not null,
  siret        text,
  search_name  text not null,
  commune_code text not null,
  primary key (scheme_id, merge_id, of_kept),
  foreign key (scheme_id, merge_id) references member_merges on delete cascade
);
create index member_aliases_member on member_aliases (scheme_id, member_id);
create index member_aliases_siret on member_aliases (scheme_id, siret) where siret is not null;
create index member_aliases_place on member_aliases (scheme_id, search_name, commune_code);
alter table member_aliases enable row level security;
create policy member_aliases_own on member_aliases to tocsin_app using (scheme_id = current_scheme());
grant select, insert, delete on member_aliases to tocsin_app;

-- Two that the chamber said are not the same.
create table members_apart (
  scheme_id text not null,
  member_id uuid not null,
  other_id  uuid not null check (member_id < other_id),
  said_at   timestamptz not null,
  said_by   text not null,
  primary key (scheme_id, member_id, other_id),
  foreign key (scheme_id, member_id) references members on delete cascade,
  foreign key (scheme_id, other_id) references members on delete cascade
);
alter table members_apart enable row level security;
create policy members_apart_own on members_apart to tocsin_app using (scheme_id = current_scheme());
grant select, insert, delete on members_apart to tocsin_app;

-- Whose they are, once members are merged; what they say stays as it was written.
grant update (member_id) on opt_outs, alert_reads to tocsin_app;

-- As it was, and what a member got that was merged into one of those asked about.
create or replace function message_receivers(broadcast uuid, members uuid[]) returns setof uuid language sql stable security definer
  set search_path = public, pg_temp as $$
  with message as (
    select b.scheme_id, b.id, b.alert_id, b.ordered_at from broadcasts b
    join alerts a on a.scheme_id = b.scheme_id and a.id = b.alert_id and a.ordered_at is not null and not a.exercise
    where b.scheme_id = current_scheme() and b.id = broadcast
  ), asked (id, as_id) as (
    select one, one from unnest(members) one
    union all
    select p.id, p.merged_into from members p where p.scheme_id = current_scheme() and p.merged_into = any (message_receivers.members)
  )
  select a.as_id from message m join deliveries d on d.scheme_id = m.scheme_id and d.broadcast_id = m.id
    join asked a on a.id = d.member_id
  where d.state <> 'withdrawn'
  union
  select o.member_id from message m
    join contacts o on o.scheme_id = m.scheme_id and o.member_id = any (message_receivers.members) and o.shared and o.sms
    join members owner on owner.scheme_id = o.scheme_id and owner.id = o.member_id and owner.created_at <= m.ordered_at
    join deliveries d on d.scheme_id = m.scheme_id and d.broadcast_id = m.id and d.phone = o.mobile and d.state <> 'withdrawn'
  union
  select h.member_id from message m join held_back h on h.scheme_id = m.scheme_id and h.alert_id = m.alert_id
  where h.member_id = any (message_receivers.members)
$$;
