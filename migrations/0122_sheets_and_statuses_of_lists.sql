-- Why: the sheets of a workbook that were not read are named until the list is imported; a status that the program cannot read is
-- answered once for all equal cells, as communes and trades are.
-- Locks: member_imports and import_answers, for a moment.
-- Previous release: still runs; it neither names these sheets nor reads these answers.

alter table member_imports
  -- The sheet that was read and the others with cells: {"sheet": "Adhérents", "names": ["Bureau"]}; null: there are no others.
  add column other_sheets jsonb;

alter table import_answers
  drop constraint import_answers_kind_check,
  add constraint import_answers_kind_check check (kind in ('commune', 'trade', 'status'));
