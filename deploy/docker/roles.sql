-- The logins of docs/runbook/install.md, for the first start of the database of compose.yaml. Choose the passwords.
create role tocsin_owner login password 'OWNER-PASSWORD';
alter database tocsin owner to tocsin_owner;
create role tocsin_app nologin noinherit;
create role tocsin_contact nologin noinherit;
create role tocsin_service nologin;
create role tocsin_worker nologin in role tocsin_service;
grant tocsin_app, tocsin_contact, tocsin_service, tocsin_worker to tocsin_owner with admin option;
create role tocsin_web login noinherit password 'WEB-PASSWORD';
grant tocsin_app, tocsin_contact, tocsin_service to tocsin_web;
create role tocsin_engine login noinherit password 'ENGINE-PASSWORD';
grant tocsin_app, tocsin_contact, tocsin_service, tocsin_worker to tocsin_engine;
