-- Why: the console lists the sectors and zones that were taken off, with when and by whom, to put them back.
-- Locks: sectors and agencies for an instant.
-- Previous release: goes on running; what it takes off is listed without whom, a zone not at all.

alter table sectors
  -- Null of those that were taken off before this was kept.
  add column removed_by text;

alter table agencies
  -- The communes of the zone that was taken off last; null while the agency has one.
  add column removed_zone    text[],
  add column zone_removed_at timestamptz,
  add column zone_removed_by text;
