/**
 * Exit code of a start that the settings or the database refuse, EX_CONFIG of sysexits.h: it would be refused again, so that a
 * supervisor does not try.
 */
export const EXIT_SETTINGS = 78
/** Exit code of a program that needs `tocsin migrate` first: a supervisor does not start it again, a script can migrate. */
export const EXIT_MIGRATE = 3
