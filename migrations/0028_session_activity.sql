-- Why: a session of the console is locked after a time without activity of its user; members see where they are signed in.
-- Locks: session and contact_sessions, for an instant.
-- Previous release: still runs; it locks nothing.

-- When its user last typed, clicked or scrolled on a screen, to the minute. Requests that screens make by themselves do not count.
alter table session add column active_at timestamptz not null default now();
update session set active_at = updated_at;
-- When its user locked it; null: unlocked, unless its user was idle for too long.
alter table session add column locked_at timestamptz;

-- What the browser says of itself, and its network without its last part: to be recognised by the holder of the session.
alter table contact_sessions add column user_agent text;
alter table contact_sessions add column network text;
