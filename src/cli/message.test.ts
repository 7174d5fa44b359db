import { expect, test } from 'vitest'
import { segmentMessage } from '../message/segment.ts'
import { messageCommand } from './message.ts'

async function run(...args: string[]) {
  let out = ''
  let err = ''
  const status = await messageCommand(args, {
    stdout: (text) => {
      out += text
    },
    stderr: (text) => {
      err += text
    },
  })
  return { status, out, err }
}

test('shows alphabet, units and what was replaced', async () => {
  const { status, out } = await run('La forêt\u00a0: «\u00a0fête\u00a0»')
  expect(status).toBe(0)
  expect(out).toBe(
    [
      'Alphabet  : GSM-7',
      'Parties   : 1',
      'Unités    : 17 (143 libres dans la dernière partie)',
      'Partie 1  : La foret : "fete"',
      'Remplacés : ê → e (2 fois), U+00A0 → espace, U+00AB U+00A0 → ", U+00A0 U+00BB → "',
      '',
    ].join('\n'),
  )
})

test('--json prints the segmentation and nothing else', async () => {
  const { out } = await run('--json', 'forêt')
  expect(JSON.parse(out)).toEqual(segmentMessage('forêt', { fold: true }))
  expect(JSON.parse((await run('--json', '--no-fold', 'forêt')).out)).toMatchObject({ encoding: 'UCS-2' })
})

test('a usage error is 2', async () => {
  expect(await run()).toMatchObject({ status: 2, out: '' })
  expect(await run('a', 'b')).toMatchObject({ status: 2, out: '' })
  expect(await run('--what', 'b')).toMatchObject({ status: 2, out: '' })
})
