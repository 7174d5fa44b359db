-- Why: satellite phones, international premium numbers and others of no country were taken for mobiles, and an SMS to one
-- costs euros. They can be entered no more; contacts that have one already get no SMS.
-- Locks: rows of such contacts, for an instant.
-- Previous release: goes on running.

-- E.164 codes of no country (ITU-T E.164 annex): 800, 808, 870, 878, 881, 882, 883, 888 and 979.
update contacts set sms = false where sms and mobile ~ '^\+(80[08]|87[08]|88[1238]|979)';
