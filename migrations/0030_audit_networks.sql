-- Why: the audit log says from which network a person acted, for a year.
-- Locks: audit_entries and audit_checks, for an instant.
-- Previous release: still runs; it records no network, and finds a broken chain where this one recorded any.

-- The network from which an entry was caused over HTTP: beside the chain, since it is deleted after its retention period. The
-- role that writes it cannot change it.
create table audit_networks (
  scheme_id text not null,
  seq       bigint not null,
  at        timestamptz not null,
  -- The first 24 bits of an IPv4 address, the first 48 of an IPv6 address: 192.0.2.0/24.
  network   text not null,
  -- Random, so that a deleted network cannot be found again by trying all. Deleted with it.
  salt      text not null,
  primary key (scheme_id, seq)
);
create index audit_networks_at on audit_networks (at);
grant select, insert on audit_networks to tocsin_app;
alter table audit_networks enable row level security;
create policy audit_networks_own on audit_networks to tocsin_app using (scheme_id = current_scheme());
alter table audit_networks force row level security;
create policy audit_networks_across on audit_networks to tocsin_service using (true);
revoke update on audit_networks from tocsin_service;

-- SHA-256 of the salt and the network; null: the entry has none, or is older.
alter table audit_entries add column network_digest text;

alter table audit_checks drop constraint audit_checks_broken_reason_check;
alter table audit_checks add constraint audit_checks_broken_reason_check
  check (broken_reason in ('changed', 'missing', 'cut', 'unexpected', 'rewritten', 'reason', 'network', 'seal'));
