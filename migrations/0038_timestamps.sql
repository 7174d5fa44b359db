-- Why: whoever holds the database and the key that signs anchors could write a history anew and date it back. Once a day an
-- authority outside says when it saw the last anchor.
-- Locks: audit_anchors, for an instant.
-- Previous release: still runs; its anchors get no timestamp.

alter table audit_anchors
  -- The token of an authority for the statement (RFC 3161), DER in base64; null: none was asked for it.
  add column timestamp_token text,
  -- When the authority saw it, as the token says.
  add column stamped_at timestamptz;
