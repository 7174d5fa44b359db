-- After the roles and logins of docs/runbook/install.md: behind a pooler in transaction mode a connection is not prepared by the
-- process that uses it, so the login takes its role by itself.
alter role tocsin_web set role = 'tocsin_service';
alter role tocsin_web set idle_in_transaction_session_timeout = '15s';
