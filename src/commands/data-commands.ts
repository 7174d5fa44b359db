import type { DataCommand } from './command.ts'

/**
 * Commands on the data, by their first word. Each module is loaded when called: a command that reads a little takes
 * half the time and 55 MB less memory without the others.
 */
export const dataCommands: Readonly<Record<string, () => Promise<DataCommand>>> = {
  compose: async () => (await import('./messages/compose.ts')).composeCommand,
  members: async () => (await import('./schemes/members.ts')).membersCommand,
  // Without --scheme it needs no data and is a plain command.
  message: async () => (await import('./messages/message-scheme.ts')).schemeMessageCommand,
  schemes: async () => (await import('./schemes/schemes.ts')).schemesCommand,
  territory: async () => (await import('./schemes/territory.ts')).territoryCommand,
  users: async () => (await import('./schemes/users.ts')).usersCommand,
  'break-glass': async () => (await import('./break-glass.ts')).breakGlassCommand,
  audit: async () => (await import('./audit/audit.ts')).auditCommand,
  // The part of `tocsin backup` that reads the database.
  backup: async () => (await import('./backup.ts')).backupCommand,
  // The part of `tocsin doctor` that reads the database.
  doctor: async () => (await import('./doctor/doctor.ts')).doctorCommand,
  keys: async () => (await import('./keys/keys.ts')).keysCommand,
  routes: async () => (await import('./messages/routes.ts')).routesCommand,
  deliveries: async () => (await import('./messages/deliveries.ts')).deliveriesCommand,
}

/** Loads a command on the data; undefined: there is none with this name. */
export async function loadDataCommand(name: string): Promise<DataCommand | undefined> {
  return Object.hasOwn(dataCommands, name) ? dataCommands[name]?.() : undefined
}
