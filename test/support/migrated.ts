import { runInProcess } from './program.ts'

/**
 * Migrates the database of an installation in service as its administrator does: a start refuses one that is not. Tests that take a
 * copy of a migrated database (`testDatabaseUrl`) do not need it.
 * @param env the settings; DATABASE_OWNER_URL among them where the login of DATABASE_URL does not own the tables
 */
export async function migrateInService(env: Readonly<Record<string, string>>): Promise<void> {
  const { code, stdout, stderr } = await runInProcess(['migrate'], env)
  if (code !== 0) throw new Error(`tocsin migrate ended with ${code}:\n${stdout}${stderr}`)
}
