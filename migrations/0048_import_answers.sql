-- Why: a cell of a list that the program cannot read is answered once, for all equal cells, and for the next list of the scheme.
-- Locks: none.
-- Previous release: still runs, and asks again.

-- No personal data: only communes and trades are answered for, and no text with a number or a mail address is kept.
create table import_answers (
  scheme_id text not null references schemes on delete cascade,
  kind      text not null check (kind in ('commune', 'trade')),
  -- As cells are compared: without accents, case and punctuation.
  written   text not null check (length(written) between 1 and 100),
  -- The code of a commune or of a trade.
  answer    text not null,
  at        timestamptz not null,
  primary key (scheme_id, kind, written)
);
grant select, insert, update, delete on import_answers to tocsin_app;
alter table import_answers enable row level security;
alter table import_answers force row level security;
create policy import_answers_own on import_answers to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update, delete, maintain on import_answers to tocsin_service;
create policy import_answers_across on import_answers to tocsin_service using (true);
