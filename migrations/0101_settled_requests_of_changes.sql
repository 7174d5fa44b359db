-- Why: undoing the change that accepted the request of a business restores the request.
-- Locks: member_change_rows, for a moment.
-- Previous release: still runs; its undo does not restore the request.

-- The request of the business that the change settled, until the change can no longer be undone.
alter table member_change_rows add column correction jsonb;
