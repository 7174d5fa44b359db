-- Why: an operator asks for the prosecutor's authorisation in one act, and the magistrate says yes or no on a phone.
-- Locks: call_outs and call_out_calls, for an instant.
-- Previous release: unaffected; 0.2.0 has no calls.

-- Authorisation asked by itself: what it is to cover, and who asks; null: asked with the submission.
alter table call_outs add column scope text;
alter table call_outs add column asked_by text;
-- Who ended it with an answer, and their words.
alter table call_outs add column ended_by text;
alter table call_outs add column ended_note text;

-- The call in a link: a magistrate without an account answers through it.
alter table call_out_calls add column id uuid not null default gen_random_uuid();
create unique index call_out_calls_id on call_out_calls (scheme_id, id);
