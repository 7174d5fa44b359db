import { z } from 'zod'
import type { ValuesOf } from './setting.ts'

const postgresUrl = z
  .string()
  .regex(/^postgres(ql)?:\/\//)
  .refine((url) => URL.canParse(url))
  .optional()

/** Settings of PostgreSQL. */
export const databaseSettings = {
  DATABASE_URL: {
    secret: true,
    schema: postgresUrl,
    meaning: 'PostgreSQL to use in place of the embedded database: postgres://user:password@host:5432/name.',
    meaningFr:
      'PostgreSQL à utiliser à la place de la base embarquée : postgres://utilisateur:motdepasse@hôte:5432/nom.',
  },
  DATABASE_OWNER_URL: {
    secret: true,
    schema: postgresUrl,
    meaning:
      'The same database with the login that owns its tables, for `tocsin migrate` (and the start of a demo). Give it to that command only: outside demo mode the login of DATABASE_URL may own nothing (docs/runbook/install.md).',
    meaningFr:
      'La même base avec le compte qui en possède les tables, pour `tocsin migrate` (et le démarrage d’une démonstration). À ne donner qu’à cette commande : hors démonstration, le compte de DATABASE_URL ne doit rien posséder (docs/runbook/install.fr.md).',
  },
  DATABASE_SESSION_URL: {
    secret: true,
    schema: postgresUrl,
    meaning:
      'The same database and login past the pooler that DATABASE_URL names, when that one is in transaction mode (PgBouncer, pool_mode = transaction): for LISTEN and the locks of workers. Absent: DATABASE_URL leads to the server, or to a pooler in session mode (docs/runbook/high-availability.md).',
    meaningFr:
      'La même base et le même compte sans passer par le pooler que nomme DATABASE_URL, quand celui-ci est en mode transaction (PgBouncer, pool_mode = transaction) : pour LISTEN et les verrous des processus d’envoi. Absent : DATABASE_URL mène au serveur, ou à un pooler en mode session (docs/runbook/high-availability.fr.md).',
  },
  DATABASE_READ_URL: {
    secret: true,
    schema: postgresUrl,
    meaning:
      'A read replica of the same database, with the same login: statistics and their exports are read there, so that they do not slow down alerts. One that is down or more than 30 s behind is not used: the figures then come from DATABASE_URL.',
    meaningFr:
      'Un réplica en lecture de la même base, avec le même compte : les statistiques et leurs exports y sont lus, pour ne pas ralentir les alertes. S’il est arrêté ou a plus de 30 s de retard, il ne sert pas : les chiffres viennent alors de DATABASE_URL.',
  },
  DATABASE_POOL: {
    schema: z.coerce.number().int().min(2).max(100).default(8),
    meaning:
      'Connections to PostgreSQL at most for screens and orders, 2 to 100; a process that sends has 6 more of its own. The embedded database has one.',
    meaningFr:
      'Nombre maximal de connexions à PostgreSQL pour les écrans et les ordres, de 2 à 100 ; un processus qui envoie en a 6 de plus à lui. La base embarquée n’en a qu’une.',
  },
} as const

/** The addresses of the database. */
export interface DatabaseConfig {
  readonly databaseUrl: string | undefined
  /** Address with the login that owns the tables; undefined: that of `databaseUrl` is used. */
  readonly databaseOwnerUrl: string | undefined
  /** Past the pooler in transaction mode of `databaseUrl`; undefined: there is none. */
  readonly databaseSessionUrl: string | undefined
  /** A read replica; undefined: there is none. */
  readonly databaseReadUrl: string | undefined
  readonly databasePool: number
}

/** Puts together the settings of the database. */
export function toDatabaseConfig(v: ValuesOf<typeof databaseSettings>): DatabaseConfig {
  return {
    databaseUrl: v.DATABASE_URL,
    databaseOwnerUrl: v.DATABASE_OWNER_URL,
    databaseSessionUrl: v.DATABASE_SESSION_URL,
    databaseReadUrl: v.DATABASE_READ_URL,
    databasePool: v.DATABASE_POOL,
  }
}
