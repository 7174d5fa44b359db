-- Why: the answer that dates a charter said to be signed was written into the cell of the upload, so that the cell was no longer
-- as the file had it.
-- Locks: member_import_rows, for as long as the rows of uploads are read once; uploads are kept 24 hours.
-- Previous release: refuses this migration, as every one of 0.5.0.

alter table member_import_rows
  -- The answer that dates a charter that the row says is signed: a day (YYYY-MM-DD), or 'joined' for the day on which it joined;
  -- null: none.
  add column charter_answer text check (charter_answer = 'joined' or charter_answer ~ '^\d{4}-\d{2}-\d{2}$');

-- Cells stored in clear.
update member_import_rows
set charter_answer = case when said.day = 'adhésion' then 'joined' else said.day end,
  cells = to_jsonb(regexp_replace(cells #>> '{}', '"([^"\\]*) → (adhésion|\d{4}-\d{2}-\d{2})"', '"\1"'))
from (
  select scheme_id, import_id, line,
    substring(cells #>> '{}' from '"[^"\\]* → (adhésion|\d{4}-\d{2}-\d{2})"') as day
  from member_import_rows
  where edited and jsonb_typeof(cells) = 'string' and cells #>> '{}' like '[%'
) said
where said.day is not null and member_import_rows.scheme_id = said.scheme_id
  and member_import_rows.import_id = said.import_id and member_import_rows.line = said.line;

-- Encrypted cells cannot be read here: their list is uploaded again.
delete from member_imports i
where applied_at is null and report -> 'datedCharters' is not null
  and exists (
    select from member_import_rows r
    where r.scheme_id = i.scheme_id and r.import_id = i.id and r.edited and r.cells #>> '{}' like 's1.%')
  and not exists (
    select from member_import_jobs j where j.scheme_id = i.scheme_id and j.import_id = i.id and j.ended_at is null);
