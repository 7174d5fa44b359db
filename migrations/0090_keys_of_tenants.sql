-- Every unique key of a table of schemes begins with the scheme, so that the table can be distributed by it (docs/scale.md).
-- Links carry no scheme: it is found by the hash of their token, 256 bits that are unique without a constraint.
alter table reconfirmations drop constraint reconfirmations_token_hash_key;
alter table reconfirmations add constraint reconfirmations_token unique (scheme_id, token_hash);
create index reconfirmations_token_hash on reconfirmations (token_hash);
