-- Why: a chief may let a member's name that is an ordinary word stand in the text of an alert, with a reason.
-- Locks: alerts, for an instant.
-- Previous release: still runs; it refuses such a text.

-- Words that a chief let stand, oldest first: [{words, reason, at, by}].
alter table alerts add column passed jsonb not null default '[]';
