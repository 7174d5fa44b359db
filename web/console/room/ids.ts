/** The ids of the fields of a call, to which keys and chips lead. */
export const PLACE_ID = 'ou'
export const PRECISE_ID = 'lieu-precis'
export const FACTS_ID = 'faits'
export const LINE_ID = 'ligne'
export const WHEN_ID = 'heure-exacte'
