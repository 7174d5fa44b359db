/** Maximum number of people in the form; the API has the same limit. */
export const MAX_FORM_PEOPLE = 20
