import { type ChildProcess, spawn } from 'node:child_process'
import { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { createTerminal } from '../../src/cli/terminal.ts'
import { type Environment, readLang } from '../../src/config.ts'
import { scanLogLines, scanOutput } from './log-scan.ts'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export interface Program {
  readonly process: ChildProcess
  /** Everything it has written so far. */
  readonly output: { stdout: string; stderr: string }
  /** Resolves with the match once stdout contains it; rejects when the program ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray>
  /** Resolves with the exit code (128 + the signal's number when killed). */
  readonly ended: Promise<number>
}

/** The output of a command that has ended, and its exit code. */
export interface CommandResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function environmentOf(env: Readonly<Record<string, string>>): Environment {
  return { PATH: process.env.PATH, TOCSIN_LOG_LEVEL: 'info', TOCSIN_GEO_API: 'http://127.0.0.1:9', ...env }
}

/** Returns the text of a line that is written for people, which is JSON where no terminal reads it; any other line as it is. */
function readLine(line: string): string {
  const [, message] = /^\{"level":30,"time":"[^"]+","msg":("(?:[^"\\]|\\.)*")\}$/.exec(line) ?? []
  return message === undefined ? line : JSON.parse(message)
}

/** Programs that run: none outlives the process of its test. */
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/**
 * Starts `tocsin` as users do, with only the path and the given settings of the environment. What it writes that gives somebody
 * away fails the file of the test.
 * @param root the program itself; default: that of the checkout
 */
export function startProgram(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  root = ROOT,
): Program {
  const child = spawn(process.execPath, ['src/main.ts', ...args], {
    cwd: root,
    env: environmentOf(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  const listeners = new Set<() => void>()
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) output.stdout += `${readLine(line)}\n`
    for (const listener of listeners) listener()
  })
  child.stdout.once('end', () => {
    output.stdout += rest
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
  })
  const source = `tocsin ${args.join(' ')}`
  // Other commands print what their caller asks for.
  for (const written of [child.stdout, child.stderr]) scanOutput(written, source, args[0] !== 'serve')
  running.add(child)
  child.once('exit', () => running.delete(child))
  const ended = new Promise<number>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : 143)))
  })
  return {
    process: child,
    output,
    ended,
    says(pattern) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(output.stdout)
          if (!match) return
          listeners.delete(look)
          resolve(match)
        }
        listeners.add(look)
        look()
        ended.then((code) => reject(new Error(`ended with ${code}:\n${output.stdout}${output.stderr}`)))
      })
    },
  }
}

/**
 * Runs a command until it ends, in a process of its own. The imports of each process take 1.7 s of processor time:
 * see `runInProcess`.
 */
export async function runProgram(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  root = ROOT,
): Promise<CommandResult> {
  const program = startProgram(args, env, root)
  const code = await program.ended
  return { code, ...program.output }
}

/**
 * Runs the same command line inside the process of the test, for commands that end by themselves: a server that
 * starts would wait for a signal to that process.
 */
export async function runInProcess(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  const environment = environmentOf(env)
  const [stdout, stderr] = [collectText(), collectText()]
  const io = createTerminal(readLang(environment), { stdout: stdout.stream, stderr: stderr.stream })
  const code = await runCommandLine(args, environment, io)
  io.close()
  scanLogLines(stderr.text(), `tocsin ${args.join(' ')}`)
  return { code, stdout: stdout.text(), stderr: stderr.text() }
}

function collectText(): { readonly stream: Writable; text(): string } {
  let text = ''
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      text += chunk
      done()
    },
  })
  return { stream, text: () => text }
}
