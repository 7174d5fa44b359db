-- Why: landlines are told apart in the list of members: they get no SMS.
-- Locks: nothing.
-- Previous release: goes on running.

-- Whether a stored number is a landline by the French numbering plan (ARCEP, decision 2018-0881: 01 to 05 and 09, overseas
-- 02 62, 02 63, 02 69, 05 90, 05 94, 05 96 and 09), for statements over whole lists: what isMobile (src/members/rules.ts)
-- takes for no mobile. One of another country is not told apart.
create function is_landline(phone text) returns boolean language sql immutable parallel safe as $$
  select phone ~ '^\+(33[1-59]|(262|590|594|596)(26|59|9))'
$$;
