-- Why: the fees that the form of the next campaign starts with are a setting, which the chamber can change at any time. Until now
-- the form started with those of the latest campaign, and with the setting before the first one.
-- Locks: schemes, for the time of an update of a few rows.
-- Previous release: still runs; its form starts with the fees of the latest campaign.

update schemes s
set dues = s.dues || jsonb_build_object('fees', jsonb_build_object(
  'feeCents', c.fee_cents, 'tradeFees', c.trade_fees, 'proRata', c.pro_rata))
from dues_campaigns c
where c.scheme_id = s.id
  and c.year = (select max(l.year) from dues_campaigns l where l.scheme_id = s.id);
