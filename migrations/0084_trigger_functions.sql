-- Why: functions of triggers run whoever writes, and nobody calls them: a database restored without its default privileges had other
-- grants on them than a new one.
-- Locks: none that a reader or a writer waits for.
-- Previous release: still runs.

revoke all on function invoices_hold() from public, tocsin_service;
revoke all on function invoices_are_kept() from public, tocsin_service;
revoke all on function members_admitted() from public, tocsin_service;
revoke all on function contacts_person_replaced() from public, tocsin_service;
