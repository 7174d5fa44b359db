import type { CommandIo } from '../commands/command.ts'
import type { Config, Environment } from '../config.ts'

/** A command that does not work on the data of an installation, or opens it itself. */
export type PlainCommand = (
  args: string[],
  io: CommandIo,
  config: () => Config,
  env: Environment,
) => Promise<number>

/**
 * Plain commands by their first word or first two words. Each module is loaded when called, so that a small
 * command does not load the server.
 */
export const plainCommands: Readonly<Record<string, () => Promise<PlainCommand>>> = {
  async serve() {
    const { serveCommand } = await import('./serve.ts')
    return (args, io, config, env) => serveCommand(config(), args, io, env, config)
  },
  async message() {
    const { messageCommand, hasSchemeOption } = await import('../commands/messages/message.ts')
    return async (args, io, config) => {
      if (!hasSchemeOption(args)) return messageCommand(args, io)
      const [{ schemeMessageCommand }, { runDataCommand }] = await Promise.all([
        import('../commands/messages/message-scheme.ts'),
        import('./run.ts'),
      ])
      return runDataCommand(config(), 'message', schemeMessageCommand, args, io)
    }
  },
  async smsc() {
    const { smscCommand } = await import('./smsc.ts')
    return (args, io) => smscCommand(args, io)
  },
  doctor: async () => (await import('./doctor/doctor.ts')).doctorCommand,
  migrate: async () => (await import('./migrate.ts')).migrateCommand,
  'routes check': async () => (await import('./routes-check.ts')).routesCheckCommand,
  'keys create': async () => (await import('./keys.ts')).keysCreateCommand,
  'keys add': async () => (await import('./keys.ts')).keysAddCommand,
  'keys backup': async () => (await import('./backup.ts')).keysBackupCommand,
  backup: async () => (await import('./backup.ts')).backUpCommand,
  move: async () => (await import('./move.ts')).moveCommand,
  restore: async () => (await import('./restore.ts')).restoreCommand,
  story: async () => (await import('./story.ts')).storyCommand,
  'config check': async () => (await import('./config-check.ts')).configCheckCommand,
  async config() {
    const [{ describeSettings }, { usageError }] = await Promise.all([
      import('./config.ts'),
      import('../commands/usage.ts'),
    ])
    return async (args, io) => {
      if (args.length > 0) throw usageError(io.lang, 'tocsin config [check]')
      io.stdout(describeSettings(io.lang))
      return 0
    }
  },
}
