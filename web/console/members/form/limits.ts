/** Maximum number of people that the form takes: that of the API. */
export const MAX_FORM_PEOPLE = 20
