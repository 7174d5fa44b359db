/** Names that config.ts gives to the simulator of the program: a dash is added to one that another gateway has. */
export const SIMULATOR = /^simulator-*$/
