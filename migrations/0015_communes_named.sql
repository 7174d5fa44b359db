-- Why: the preview of a whole scheme names some hundred communes, and read all 35,000 to find them.
-- Locks: communes, for writers, while an index is built.
-- Previous release: runs on.

create index communes_named on communes (code) include (name);
