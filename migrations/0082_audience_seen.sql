-- Why: an order leaves to the communes and trades that were on screen. A sector that is redrawn after the look changes what an
-- area means while the version of the alert stays; the meaning is kept with the version, and compared by every order. With the
-- submission, how many members it would have reached is kept, for whoever has to judge it later.
-- Locks: alerts, for an instant: columns without a value.
-- Previous release: goes on running; it writes and compares neither. What it laid before a second person carries a hash of the
-- content that was made in another way: such an alert is returned and submitted again, an authorisation recorded again.

alter table alerts
  add column audience_hash text,
  add column submitted_members integer;
