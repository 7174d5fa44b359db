import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

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

/** Starts `tocsin` as users do, with only the path and the given settings of the environment. */
export function startProgram(args: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
  const child = spawn(process.execPath, ['src/main.ts', ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, TOCSIN_LOG_LEVEL: 'warn', TOCSIN_GEO_API: 'http://127.0.0.1:9', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  const listeners = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text
    for (const listener of listeners) listener()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
  })
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

/** Runs a command until it ends. */
export async function runProgram(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const program = startProgram(args, env)
  const code = await program.ended
  return { code, ...program.output }
}
