-- Why: above how many recipients a service message needs a second person is the scheme's to say.
-- Locks: schemes, for an instant.
-- Previous release: goes on running; it asks for a second person above 500.

alter table schemes add column messages jsonb not null default '{}';
