import type { CommandIo, DataCommand } from '../commands/command.ts'
import type { Config } from '../config.ts'

/** A command that is not on the data of an installation, or opens it in its own way. */
export type PlainCommand = (args: string[], io: CommandIo, config: () => Config) => Promise<number>

/** By its first word, or its first two. Each is loaded when it is called: a small command does not wait for the server's modules. */
export const plainCommands: Readonly<Record<string, () => Promise<PlainCommand>>> = {
  async serve() {
    const { serveCommand } = await import('./serve.ts')
    return (args, io, config) => serveCommand(config(), args, io)
  },
  async message() {
    const { messageCommand, namesScheme } = await import('../commands/message.ts')
    return async (args, io, config) => {
      if (!namesScheme(args)) return messageCommand(args, io)
      const data = await loadDataCommands()
      return data.run(config(), 'message', data.commands.message!, args, io)
    }
  },
  async smsc() {
    const { smscCommand } = await import('./smsc.ts')
    return (args, io) => smscCommand(args, io)
  },
  'routes check': async () => (await import('./routes-check.ts')).routesCheckCommand,
  story: async () => (await import('./story.ts')).storyCommand,
  async config() {
    const [{ describeSettings }, { usageError }] = await Promise.all([
      import('./config.ts'),
      import('../commands/usage.ts'),
    ])
    return async (args, io) => {
      if (args.length > 0) throw usageError(io.lang, 'tocsin config')
      io.stdout(describeSettings(io.lang))
      return 0
    }
  },
}

/** The commands on the data and what runs them. */
export async function loadDataCommands(): Promise<{
  readonly commands: Readonly<Record<string, DataCommand>>
  readonly run: typeof import('./run.ts').runDataCommand
}> {
  const [{ dataCommands }, { runDataCommand }] = await Promise.all([
    import('../commands/data-commands.ts'),
    import('./run.ts'),
  ])
  return { commands: dataCommands, run: runDataCommand }
}
