-- Why: members and applicants see whom to call at the chamber, and who answers for personal data.
-- Locks: schemes, for the time of one column with a constant default.
-- Previous release: still runs; it does not read the column.

-- Contact of the chamber and of its data protection officer (src/schemes/contract.ts).
alter table schemes add column contact jsonb not null default '{}';
