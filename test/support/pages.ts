import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './program.ts'

/** Lists the markdown files of the project, also those not committed yet, by their path in it. */
export function listPages(): string[] {
  return execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '*.md'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
    .split('\0')
    .filter(Boolean)
}

export const readPage = (page: string): string => readFileSync(join(ROOT, page), 'utf8')

/** Returns the code blocks of a page in their order, without the indent of the list that they are in. */
export function codeBlocks(text: string, language?: string): string[] {
  const fence = /^( *)```(\w*)\n([\s\S]*?)^\1```$/gm
  return [...text.matchAll(fence)]
    .filter(([, , name]) => language === undefined || name === language)
    .map(([, indent = '', , block = '']) => block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''))
}

/** Splits a line of a shell into words. */
export function shellWords(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, word]) => double ?? single ?? word ?? '',
  )
}
