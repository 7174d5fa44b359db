-- Why: the neighbours of all communes come with the program. As one array a commune they are loaded with it, where a table of
-- 208,000 pairs took longer than all other reference data together.
-- Locks: communes, for a second.
-- Previous release: end it first; it reads the table that is removed.

-- Codes of the communes whose contours touch, in any département. '{}': none, such as an island; null: no contour is known.
alter table communes add column neighbour_codes text[];
-- It is read by the key of the commune only: statistics of its 208,000 elements would take a second of the first start.
alter table communes alter column neighbour_codes set statistics 0;

-- Only communes of imported départements have contours yet; the reference data fills the others when the program starts.
update communes c set neighbour_codes = array(
    select n.neighbour_code from commune_neighbours n where n.code = c.code order by n.neighbour_code)
  where c.contour is not null;

drop table commune_neighbours;
