-- Why: what became of a direct message is found by its id, not by reading all that was sent since.
-- Locks: the broadcasts of direct messages of the last three weeks, as an update does.
-- Previous release: goes on running; of what it sends meanwhile, it is not known that it arrived.

-- A code is asked for again, not followed.
update broadcasts b set order_key = d.contact_id
from deliveries d
where d.scheme_id = b.scheme_id and d.broadcast_id = b.id and d.no = 1
  and b.kind = 'service' and b.alert_id is null and b.planned = 1 and b.order_key is null
  and b.ordered_at > now() - interval '21 days';
