import { enableCompileCache } from 'node:module'
import { pathToFileURL } from 'node:url'

/** Runs a command of `tocsin` in this process, and ends it with the exit code of the command. */
export async function main(args: readonly string[]): Promise<void> {
  // A reader such as `head` that has seen enough is no failure: the work continues, and the rest is not shown.
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  // Saves half a second at each start but the first. What is loaded before it is not in the cache.
  enableCompileCache()
  const [{ runCommandLine }, { readInvocation }, { createTerminal }, { readLang }] = await Promise.all([
    import('./cli/command-line.ts'),
    import('./cli/config-file.ts'),
    import('./cli/terminal.ts'),
    import('./config.ts'),
  ])
  /** The environment with the file of settings, which may set the language; a file that cannot be read is reported later. */
  function languageSettings() {
    try {
      return readInvocation(args, process.env).env
    } catch {
      return process.env
    }
  }
  const io = createTerminal(readLang(languageSettings()))
  const code = await runCommandLine(args, process.env, io)
  io.close()
  // Flushed first, since a pipe is written asynchronously.
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))),
  )
  process.exit(code)
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(process.argv.slice(2))
}
