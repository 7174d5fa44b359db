-- Why: the statistics of a year read the counts of twelve days, some 40,000 rows of a large scheme; the key holds the count now,
-- so that they are read from the index alone.
-- Locks: member_counts while the key is written anew: a second for a million rows; statistics wait.
-- Previous release: still runs.
alter table member_counts drop constraint member_counts_pkey;
alter table member_counts add primary key (scheme_id, day, trade, commune_code) include (active);
