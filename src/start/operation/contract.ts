import { z } from 'zod'
import { nameSchemas } from '../../platform/http/endpoints.ts'

/** GET /api/installation/operation: the state of the installation, for its administrator. */
export const OperationView = z.object({
  at: z.iso.datetime(),
  /** Findings in the language of the reader: those that need action first, then those that are fine. */
  findings: z.array(
    z.object({
      code: z.string(),
      level: z.enum(['error', 'warning', 'ok']),
      what: z.string(),
      /** Empty when there is nothing to do. */
      do: z.string(),
    }),
  ),
  jobs: z.array(
    z.object({
      /** The name of the job in logs and metrics. */
      queue: z.string(),
      /** The purpose of the job, in the language of the reader. */
      name: z.string(),
      waiting: z.number(),
      active: z.number(),
      /** Failed for good within a day. */
      failed: z.number(),
      /** End of the last one that succeeded; null when none is known any more. */
      lastAt: z.iso.datetime().nullable(),
    }),
  ),
  /** Backups by timer, as far as this process has their directory; null without a timer. */
  backups: z
    .object({
      hours: z.number(),
      keep: z.number(),
      /** Null: the directory cannot be read; a finding says why. */
      made: z
        .object({
          nextAt: z.iso.datetime(),
          files: z.array(z.object({ name: z.string(), at: z.iso.datetime(), bytes: z.number() })),
        })
        .nullable(),
    })
    .nullable(),
  versions: z.object({
    program: z.string(),
    /** The last migration of the database. */
    schema: z.string(),
    postgres: z.string(),
    embedded: z.boolean(),
    node: z.string(),
  }),
})
export type OperationView = z.infer<typeof OperationView>

nameSchemas({ OperationView })
