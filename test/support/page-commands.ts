import { spawnSync } from 'node:child_process'
import { expect } from 'vitest'
import { shellWords } from './pages.ts'
import { type CommandResult, runInProcess } from './program.ts'

/** Commands that are not run: this machine has their result already, or a test must not change it. */
const OF_THE_SYSTEM = /^(apt-get|npm|useradd|install|cp|chgrp|chown|systemctl|export|tocsin serve) ?/

/**
 * Runs the lines of a code block of a page one after the other; each has to succeed.
 * @param here puts the directory and the server of the test in place of those of the page
 * @returns what the commands of `tocsin` wrote
 */
export async function runBlock(
  block: string | undefined,
  env: Readonly<Record<string, string>>,
  here: (text: string) => string,
): Promise<CommandResult[]> {
  const results: CommandResult[] = []
  for (const line of here(block ?? '')
    .trim()
    .split('\n')) {
    if (OF_THE_SYSTEM.test(line)) continue
    const [, name, value = '', command = line] = /^([A-Z_]+)=(\S+) (tocsin .+)/.exec(line) ?? []
    if (command.startsWith('tocsin ')) {
      const given = name === undefined ? env : { ...env, [name]: value }
      const result = await runInProcess(shellWords(command).slice(1), given)
      expect(result.code, `${line}\n${result.stdout}${result.stderr}`).toBe(0)
      results.push(result)
    } else {
      const { status, stderr } = spawnSync('sh', ['-c', line], { encoding: 'utf8' })
      expect(status, `${line}\n${stderr}`).toBe(0)
    }
  }
  return results
}
