import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeDirectory } from './directory.ts'

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tocsin-directory-'))
})
afterAll(() => rmSync(root, { recursive: true }))

test('creates it and its parents for its owner only, and leaves an existing one unchanged', () => {
  const path = join(root, 'a', 'b')
  makeDirectory(path)
  makeDirectory(path)
  expect(statSync(path).mode & 0o777).toBe(0o700)
})

test('refuses a path that is not a directory, or lies in one that is not', () => {
  const file = join(root, 'file')
  writeFileSync(file, '')
  expect(() => makeDirectory(file)).toThrow(expect.objectContaining({ code: 'ENOTDIR' }))
  expect(() => makeDirectory(join(file, 'below'))).toThrow(expect.objectContaining({ code: 'ENOTDIR' }))
})

test.runIf(existsSync('/proc/self'))('refuses at once where the file system allows no directory', () => {
  expect(() => makeDirectory('/proc/tocsin/data')).toThrow(expect.objectContaining({ code: 'ENOENT' }))
})
