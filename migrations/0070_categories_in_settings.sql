-- Why: categories, and what a scheme is called and signs with, are edited in the console; loading a ready-made scheme keeps what was.
-- Locks: schemes and categories, for the time of one column each with a constant default.
-- Previous release: still runs; its load of a ready-made scheme overwrites what was edited.

-- Incremented with every change in the console: loading a ready-made scheme writes a category only while it is 1.
alter table categories add column version integer not null default 1;

-- Names of the columns of the definition that were edited in the console, and 'category_order': loading leaves these as they are.
alter table schemes add column edited text[] not null default '{}';
