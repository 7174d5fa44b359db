-- Why: {lieu} is the place of the facts now ("à Billom"), no longer the area that is warned, which {zone} stands for. Texts
-- about counterfeit notes and of prevention speak of an area as before; those of all others name the place. The hour
-- is told as people estimate it: "vers 2h10".
-- Locks: the rows of categories, for an instant.
-- Previous release: goes on running; what it proposes about counterfeit notes and for prevention lacks the area, which
-- its guard points out.

update categories set template = replace(template, '{lieu}', '{zone}')
where level = 'prevention' or code ~ '^(counterfeit|prevention)'
  or label_fr ~* '(faux[ -]billets?|fausses? (monnaie|coupures?)|faux[ -]monnayage|pr[ée]vention)';

update categories set template = regexp_replace(template, '(^|\s)[àÀ] \{heure\}', '\1vers {heure}', 'g')
where template like '%{heure}%';
