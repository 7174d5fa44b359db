/** Exit code of a program that needs `tocsin migrate` first: a supervisor does not start it again, a script can migrate. */
export const EXIT_MIGRATE = 3
