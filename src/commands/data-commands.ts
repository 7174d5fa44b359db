import { auditCommand } from './audit.ts'
import { backupCommand } from './backup.ts'
import { breakGlassCommand } from './break-glass.ts'
import type { DataCommand } from './command.ts'
import { composeCommand } from './compose.ts'
import { deliveriesCommand } from './deliveries.ts'
import { doctorCommand } from './doctor.ts'
import { keysCommand } from './keys.ts'
import { membersCommand } from './members.ts'
import { schemeMessageCommand } from './message-scheme.ts'
import { routesCommand } from './routes.ts'
import { schemesCommand } from './schemes.ts'
import { territoryCommand } from './territory.ts'
import { usersCommand } from './users.ts'

/** Commands on the data, by their first word. */
export const dataCommands: Readonly<Record<string, DataCommand>> = {
  compose: composeCommand,
  members: membersCommand,
  // Without --scheme it needs no data and is a plain command.
  message: schemeMessageCommand,
  schemes: schemesCommand,
  territory: territoryCommand,
  users: usersCommand,
  'break-glass': breakGlassCommand,
  audit: auditCommand,
  // The part of `tocsin backup` that reads the database.
  backup: backupCommand,
  // The part of `tocsin doctor` that reads the database.
  doctor: doctorCommand,
  keys: keysCommand,
  routes: routesCommand,
  deliveries: deliveriesCommand,
}
