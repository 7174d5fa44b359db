-- Why: not the file alone tells who a member is: lists with numbers, exports, dues and receipts are looked at too.
-- Locks: member_looks, while its key is written anew.
-- Previous release: goes on running; it notes looks at files.

alter table member_looks
  add column what text not null default 'file'
    check (what in ('file', 'list', 'numbers', 'doubles', 'export', 'dues', 'receipt', 'paper', 'request', 'caller')),
  drop constraint member_looks_pkey,
  add primary key (scheme_id, member_id, at, user_id, what);
