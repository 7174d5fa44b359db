-- Why: texts that may identify a person are encrypted, and encrypted again when the key is replaced, also those that left. What a
-- broadcast says stays fixed: a new value must have the index of the old one, which is made of the text
-- (src/cipher/marked.ts).
-- Mail addresses and account numbers have pseudonyms, as phone numbers do.
-- Locks: broadcasts, for the time of replacing its trigger; alerts, while the texts of exercises are checked once; pseudonyms.
-- Previous release: still runs as long as no process has keys.

-- Whether a value was only sealed, or sealed with another key.
create function is_sealed_anew(before text, after text) returns boolean language sql immutable parallel safe as $$
  select starts_with(after, 's1.') and (not starts_with(before, 's1.')
    or substring(before from '^s1\.[^.]*\.[^.]*\.[^.]*\.') = substring(after from '^s1\.[^.]*\.[^.]*\.[^.]*\.'))
$$;

drop trigger broadcasts_content_fixed on broadcasts;
create trigger broadcasts_content_fixed
  before update of alert_id, text, encoding, parts, sender, content_hash on broadcasts
  for each row
  when (new.alert_id is distinct from old.alert_id
    or new.encoding is distinct from old.encoding
    or new.parts is distinct from old.parts
    or new.sender is distinct from old.sender
    or new.content_hash is distinct from old.content_hash
    or not (old.kind = 'group' and old.state = 'done' and new.text = '…'
      or new.text = old.text
      or old.alert_id is not null and is_sealed_anew(old.text, new.text)))
  execute function broadcast_content_is_fixed();

alter table pseudonyms drop constraint pseudonyms_pseudonym_check, add constraint pseudonyms_pseudonym_check
  -- n1: a phone number; m1: a mail address; i1: an account number. Only phone numbers have endings.
  check (pseudonym ~ '^(n1\.[a-z2-7]{26}[mf]|[mi]1\.[a-z2-7]{26})$');

-- A sealed text cannot be read here: that an exercise says that it is one is checked before it is sealed.
alter table alerts drop constraint alerts_exercise_said,
  add constraint alerts_exercise_said check (not exercise or text like 'EXERCICE %' or starts_with(text, 's1.'));
