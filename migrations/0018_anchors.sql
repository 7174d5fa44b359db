-- Why: whoever owns the database could rewrite a chain of the audit log with new hashes, or its reasons, unseen. Heads are now
-- signed with a key that is outside the database, and reasons are in the hash of their entry.
-- Locks: audit_entries, audit_heads, audit_reasons and audit_checks, for an instant.
-- Previous release: still runs; its entries have no digest of their reason, and it makes no anchor.

-- A signed statement of the heads of the chains that moved since the one before. It says the hash of the statement before, so
-- that none can be taken out.
create table audit_anchors (
  n         bigint primary key check (n > 0),
  at        timestamptz not null,
  -- The JSON that is signed, byte for byte.
  statement text not null,
  key_id    text not null,
  -- Ed25519 (RFC 8032), base64url.
  signature text not null,
  -- When it was sent to the people who keep anchors; null: it was not.
  mailed_at timestamptz
);

-- The last entry of each chain that an anchor covers.
alter table audit_heads add column anchored_seq bigint not null default 0;

-- SHA-256 of the salt, the reason and the details that may name people; null: the entry has none, or is older than digests.
alter table audit_entries add column reason_digest text;
-- Random, so that an erased reason cannot be found again by trying texts. Deleted with it.
alter table audit_reasons add column salt text;

alter table audit_checks drop constraint audit_checks_broken_reason_check;
alter table audit_checks add constraint audit_checks_broken_reason_check
  check (broken_reason in ('changed', 'missing', 'cut', 'unexpected', 'rewritten', 'reason', 'seal')),
  -- When the last anchor known to the check was made, and how many anchors were missing or not to be trusted.
  add column anchored_at timestamptz,
  add column anchor_problems integer not null default 0,
  -- Facts that were not as they were sealed, the first of them: [{"kind": "orders", "id": "…", "reason": "changed"}]
  add column facts jsonb;

-- What was sealed last of each fact, to know what to seal. The digests are in the chain: this table proves nothing.
create table audit_seals (
  scheme_id text not null,
  kind      text not null,
  id        text not null,
  note      text not null,
  primary key (scheme_id, kind, id)
);
