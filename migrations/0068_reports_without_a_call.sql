-- Why: a report from the portal is a call to 17 only if the merchant says that they called.
-- Locks: reports, while its rows from the portal are marked (a few per shop).
-- Previous release: still runs; reports that it writes from the portal count as calls.

-- Reports from the portal: whether the merchant said that they called 17 too; false for those from before the question. Null for a call.
alter table reports add column called17 boolean;
update reports set called17 = false where caller_contact_id is not null;
