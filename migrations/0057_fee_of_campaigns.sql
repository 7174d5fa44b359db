-- Why: what a member pays is the fee of a campaign, by trade; a price of the scheme beside it told something else.
-- Locks: schemes, for an instant.
-- Previous release: goes on running; what it shows as the fee of a new scheme is 0.

-- Read by the release before alone.
alter table schemes alter column fee_cents set default 0;
