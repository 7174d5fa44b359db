-- Why: the preview of a whole scheme reads the sums of 35,000 communes, and fetched each from the table.
-- Locks: audience_cells while one of its indexes is built anew.
-- Previous release: runs on.

-- With the sums, so that they are read from the index alone.
drop index audience_cells_communes;
create index audience_cells_communes on audience_cells (scheme_id, commune_code)
  include (sms_contacts, reachable, members) where trade = '';
