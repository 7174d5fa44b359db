import type { Config } from '../config.ts'
import type { CommandIo } from './command.ts'
import { describeSettings } from './config.ts'
import { messageCommand } from './message.ts'
import { serveCommand } from './serve.ts'
import { smscCommand } from './smsc.ts'

/** A command that is not on the data of an installation. */
export interface PlainCommand {
  run(args: string[], io: CommandIo, config: () => Config): Promise<number>
}

/** By its first word. Those on the data are in data-commands.ts. */
export const plainCommands: Readonly<Record<string, PlainCommand>> = {
  serve: { run: (args, io, config) => serveCommand(config(), args, io) },
  message: { run: (args, io) => messageCommand(args, io) },
  smsc: { run: (args, io) => smscCommand(args, io) },
  config: {
    async run(_args, io) {
      io.stdout(describeSettings(io.lang))
      return 0
    },
  },
}
