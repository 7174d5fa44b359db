/** Days after a warning before which nobody is suspended: long enough to read it and to pay. */
export const WARNING_DAYS = 15
