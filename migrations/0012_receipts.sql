-- Why: a receipt that nobody knows yet is acknowledged once it is here with all that it says: the answer to its submission
-- may come later, also to another worker, and then it still counts.
-- Locks: unknown_receipts, for an instant.
-- Previous release: runs on.

-- E.164; what the provider gave back of `user_message_reference`; the network's code.
alter table unknown_receipts add column phone text;
alter table unknown_receipts add column reference integer;
alter table unknown_receipts add column error_code integer;
create index unknown_receipts_received on unknown_receipts (received_at);
