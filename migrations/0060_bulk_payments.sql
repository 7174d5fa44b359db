-- Why: many payments are recorded in one act and undone as one, and cheques go to the bank on numbered deposit slips.
-- Locks: dues_payments, for an instant.
-- Previous release: still runs; the cheques that it records are on no slip until this release finds them.

-- Payments that were typed together.
create table dues_payment_batches (
  scheme_id   text not null references schemes,
  id          uuid not null,
  recorded_at timestamptz not null,
  recorded_by text not null,
  undone_at   timestamptz,
  undone_by   text,
  primary key (scheme_id, id)
);
grant select, insert, update on dues_payment_batches to tocsin_app;
alter table dues_payment_batches enable row level security;
create policy dues_payment_batches_own on dues_payment_batches to tocsin_app using (scheme_id = current_scheme());
alter table dues_payment_batches force row level security;
grant select, insert, update, delete, maintain on dues_payment_batches to tocsin_service;
create policy dues_payment_batches_across on dues_payment_batches to tocsin_service using (true);

alter table dues_payments add column batch_id uuid,
  add constraint dues_payments_batch foreign key (scheme_id, batch_id) references dues_payment_batches;
create index dues_payments_batch on dues_payments (scheme_id, batch_id) where batch_id is not null;

-- A deposit slip: cheques brought to the bank together.
create table dues_deposits (
  scheme_id    text not null references schemes,
  id           uuid not null,
  -- Numbered by year, without gaps.
  year         smallint not null,
  no           integer not null check (no > 0),
  deposited_on date not null,
  -- The account and its holder as printed.
  iban         text not null,
  holder       text not null,
  cheques      integer not null check (cheques > 0),
  amount_cents integer not null check (amount_cents > 0),
  created_at   timestamptz not null,
  created_by   text not null,
  cancelled_at timestamptz,
  cancelled_by text,
  check ((cancelled_at is null) = (cancelled_by is null)),
  primary key (scheme_id, id),
  unique (scheme_id, year, no)
);
grant select, insert, update on dues_deposits to tocsin_app;
alter table dues_deposits enable row level security;
create policy dues_deposits_own on dues_deposits to tocsin_app using (scheme_id = current_scheme());
alter table dues_deposits force row level security;
grant select, insert, update, delete, maintain on dues_deposits to tocsin_service;
create policy dues_deposits_across on dues_deposits to tocsin_service using (true);

-- What is written on a cheque beside its number, and its slip. A cheque without a row is on no slip.
create table dues_cheques (
  scheme_id  text not null references schemes,
  payment_id uuid not null,
  -- Empty: not typed; emptied with the reference of the payment.
  bank       text not null default '',
  drawer     text not null default '',
  deposit_id uuid,
  -- Brought to the bank before slips were made here.
  elsewhere  boolean not null default false,
  check (deposit_id is null or not elsewhere),
  primary key (scheme_id, payment_id),
  foreign key (scheme_id, payment_id) references dues_payments,
  foreign key (scheme_id, deposit_id) references dues_deposits
);
create index dues_cheques_deposit on dues_cheques (scheme_id, deposit_id) where deposit_id is not null;
grant select, insert, update on dues_cheques to tocsin_app;
alter table dues_cheques enable row level security;
create policy dues_cheques_own on dues_cheques to tocsin_app using (scheme_id = current_scheme());
alter table dues_cheques force row level security;
grant select, insert, update, delete, maintain on dues_cheques to tocsin_service;
create policy dues_cheques_across on dues_cheques to tocsin_service using (true);

-- Cheques of more than a month ago have been at the bank.
insert into dues_cheques (scheme_id, payment_id, elsewhere)
select scheme_id, id, true from dues_payments where way = 'cheque' and recorded_at < now() - interval '30 days';
