-- Why: a scheme words its mails to members by language, with their subject; the welcome mail had one text for all.
-- Locks: schemes, setting_changes and outbox, for the rows that have such a text.
-- Previous release: refuses this migration, as every one of 0.5.0.

create function pg_temp.mail_texts(body jsonb) returns jsonb language sql immutable as $$
  select jsonb_build_object('fr', words, 'en', words) from jsonb_build_object('subject', '', 'body', body) as w (words)
  where jsonb_typeof(body) = 'string'
$$;

-- An English reader keeps what was sent until now: the text of the chamber.
update schemes set texts = jsonb_set(texts, '{welcomeMail}', pg_temp.mail_texts(texts -> 'welcomeMail'))
where jsonb_typeof(texts -> 'welcomeMail') = 'string';

-- A change that waits is put in force only while its former value holds. The program compares whole values.
update setting_changes c set parts = (
  select jsonb_agg(case when p.part ->> 'setting' = 'texts.welcomeMail' then jsonb_build_object(
    'setting', 'texts.welcomeMail', 'before', pg_temp.mail_texts(p.part -> 'before'), 'after', pg_temp.mail_texts(p.part -> 'after'))
    else p.part end order by p.n)
  from jsonb_array_elements(c.parts) with ordinality as p (part, n))
where c.parts @> '[{"setting": "texts.welcomeMail"}]';

update outbox set template = 'mail.change.welcome' where template = 'mail.change.own';
