-- Why: the ledger: what was planned for whom, and what became of it.
-- Locks: nothing; all tables are new.
-- Previous release: none.

create table broadcasts (
  scheme_id       text not null references schemes,
  id              uuid not null,
  alert_id        uuid not null,
  -- The approved text as it leaves, after folding: what every phone shows.
  text            text not null,
  encoding        text not null check (encoding in ('GSM-7', 'UCS-2')),
  parts           smallint not null check (parts > 0),
  sender          text not null,
  priority        smallint not null check (priority between 0 and 3),
  simulated       boolean not null,
  -- running: chunks remain · settling: all submitted, some not final · done · stopped: told to stop, settling.
  state           text not null check (state in ('running', 'settling', 'stopped', 'done')),
  valid_until     timestamptz not null,
  ordered_at      timestamptz not null,
  ordered_by      text not null,
  planned         integer not null,
  -- Deliveries in each state now; they add up to `planned` with those still planned.
  accepted        integer not null default 0,
  delivered       integer not null default 0,
  in_doubt        integer not null default 0,
  failed          integer not null default 0,
  expired         integer not null default 0,
  withdrawn       integer not null default 0,
  -- Deliveries that may have reached their phone twice, whatever their state.
  possible_duplicates integer not null default 0,
  first_submit_at timestamptz,
  all_accepted_at timestamptz,
  done_at         timestamptz,
  primary key (scheme_id, id),
  foreign key (scheme_id, alert_id) references alerts
);
create index broadcasts_alert on broadcasts (scheme_id, alert_id);
create index broadcasts_open on broadcasts (ordered_at) where state <> 'done';
alter table broadcasts enable row level security;
create policy broadcasts_own on broadcasts to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update on broadcasts to tocsin_app;

-- One row a contact. Its only index is its key, and rows leave room on their page, so that each change of
-- state stays on the page (HOT) and costs no index write.
create table deliveries (
  scheme_id    text not null,
  broadcast_id uuid not null,
  -- 1, 2, 3… in the broadcast; `chunk` below is a range of it.
  no           integer not null,
  contact_id   uuid not null,
  member_id    uuid not null,
  phone        text not null,
  commune_code text not null,
  trade        text not null,
  state        text not null default 'planned'
               check (state in ('planned', 'accepted', 'delivered', 'in_doubt', 'failed', 'expired', 'withdrawn')),
  possible_duplicate boolean not null default false,
  attempts     smallint not null default 0,
  gateway      text,
  -- The provider's ids, one a part; of a message of several parts, those delivered so far.
  message_ids  text[],
  delivered_ids text[],
  -- SMPP command_status of a refusal, or the provider's network error of a failed receipt.
  error_code   integer,
  accepted_at  timestamptz,
  in_doubt_at  timestamptz,
  settled_at   timestamptz,
  primary key (scheme_id, broadcast_id, no)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
alter table deliveries enable row level security;
create policy deliveries_own on deliveries to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update on deliveries to tocsin_app;

-- The unit of claiming: a range of deliveries. `claimed` is the durable mark set before the first byte leaves:
-- a delivery still planned in a chunk claimed by a dead worker may have left, so it is in doubt.
create table delivery_chunks (
  scheme_id    text not null,
  broadcast_id uuid not null,
  first_no     integer not null,
  last_no      integer not null,
  state        text not null default 'ready' check (state in ('ready', 'claimed', 'done')),
  -- The worker that holds it, and how many times it was claimed: a late worker with an older count writes nothing.
  worker_id    bigint,
  claims       integer not null default 0,
  claimed_at   timestamptz,
  not_before   timestamptz,
  primary key (scheme_id, broadcast_id, first_no),
  foreign key (scheme_id, broadcast_id) references broadcasts
) with (fillfactor = 50);
alter table delivery_chunks enable row level security;
create policy delivery_chunks_own on delivery_chunks to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update on delivery_chunks to tocsin_app;

-- Receipts whose message id no delivery has: kept for inspection.
create table unknown_receipts (
  gateway     text not null,
  message_id  text not null,
  received_at timestamptz not null,
  state       text not null,
  primary key (gateway, message_id, received_at)
);
