-- Why: requests for codes are also counted by block of networks (/24 in IPv4, /48 in IPv6), so that changing addresses within one
-- gains nothing.
-- Locks: one_time_codes, for an instant.
-- Previous release: still runs; its requests count by address only.

alter table one_time_codes
  -- HMAC of the block of the requesting address; null: requested before this migration.
  add column block_hash text;
create index one_time_codes_block on one_time_codes (block_hash, created_at);
