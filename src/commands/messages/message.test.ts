import { expect, test } from 'vitest'
import { guardLevels } from '../../guard/guard.ts'
import { segmentMessage } from '../../message/segment.ts'
import { hasSchemeOption, messageCommand } from './message.ts'

const run = (...args: string[]) => runIn('fr', ...args)

async function runIn(lang: 'fr' | 'en', ...args: string[]) {
  let out = ''
  let err = ''
  const status = await messageCommand(args, {
    lang,
    stdout: (text) => {
      out += text
    },
    stderr: (text) => {
      err += text
    },
  })
  return { status, out, err }
}

test('shows the alphabet, the units and the replaced characters', async () => {
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

test('prints only the segmentation with --json', async () => {
  const { out } = await run('--json', 'forêt')
  expect(JSON.parse(out)).toEqual(segmentMessage('forêt', { fold: true }))
  expect(JSON.parse((await run('--json', '--no-fold', 'forêt')).out)).toMatchObject({ encoding: 'UCS-2' })
})

test('prints English for an English reader', async () => {
  const { out } = await runIn('en', 'La forêt, la fête')
  expect(out).toBe(
    [
      'Encoding  : GSM-7',
      'Parts     : 1',
      'Units     : 17 (143 left in the last part)',
      'Part 1    : La foret, la fete',
      'Replaced  : ê → e (2 times)',
      '',
    ].join('\n'),
  )
  expect((await runIn('en')).err).toMatch(/^The text is missing\.\nUsage: tocsin message/)
})

test('exits with 2 on a usage error', async () => {
  expect(await run()).toMatchObject({ status: 2, out: '' })
  expect(await run('a', 'b')).toMatchObject({ status: 2, out: '' })
  expect(await run('--what', 'b')).toMatchObject({ status: 2, out: '' })
})

test('prints the remarks of the guard when a level is given', async () => {
  const text = 'Vol à Issoire à 17h, plaque AB-123-CD. Appelez le 17.'
  const { status, out } = await run('--json', '--level', 'established', text)
  expect(status).toBe(0)
  expect(JSON.parse(out)).toEqual({
    ...segmentMessage(text, { fold: true }),
    remarks: [
      {
        code: 'plate',
        start: 28,
        end: 37,
        severity: 'block',
        allowedFrom: 'precise',
        fix: { text: 'Vol à Issoire à 17h. Appelez le 17.', label: 'guard.fix.plate' },
      },
    ],
  })
  expect(JSON.parse((await run('--json', '--level', 'precise', text)).out)).toMatchObject({ remarks: [] })
  expect((await run('--level', 'established', text)).out).toContain(
    [
      'Relecture au niveau « faits établis » : une remarque.',
      '✗ "AB-123-CD"',
      '  Plaque d’immatriculation\u00a0: élément précis, qui demande l’autorisation du parquet.',
      '  permis à partir du niveau « éléments précis »',
      '  → Retirer la plaque : Vol à Issoire à 17h. Appelez le 17.',
      '',
    ].join('\n'),
  )
  expect((await runIn('en', '--level', 'precise', text)).out).toContain('no remarks')
})

test('suggests the missing time of the facts, and compares it with the time in the text', async () => {
  const at = ['--json', '--level', 'established', '--occurred-at', '2026-03-12T17:30:00+01:00']
  const remarksOf = async (text: string) => JSON.parse((await run(...at, text)).out).remarks
  expect(await remarksOf('Vol à Issoire. Appelez le 17.')).toMatchObject([
    { code: 'missing_time', fix: { text: '17h30 : Vol à Issoire. Appelez le 17.' } },
  ])
  expect(await remarksOf('Vol à Issoire à 21h. Appelez le 17.')).toMatchObject([
    { code: 'time_differs', fix: { text: 'Vol à Issoire à 17h30. Appelez le 17.' } },
  ])
  for (const wrong of ['17h30', '2026-03-12T17:30', '2026-13-12T17:30Z']) {
    const { status, err } = await run('--level', 'established', '--occurred-at', wrong, 'a')
    expect(status).toBe(2)
    expect(err).toMatch(/^Heure des faits illisible/)
  }
})

test('accepts the levels of the guard', async () => {
  for (const level of guardLevels) expect(await run('--level', level, 'a')).toMatchObject({ status: 0 })
  const { status, err } = await run('--level', 'secret', 'a')
  expect(status).toBe(2)
  expect(err).toMatch(/^Niveau inconnu/)
})

test.each([
  [['--scheme', 'ac63', 'a'], true],
  [['--scheme=ac63', 'a'], true],
  [['--level', 'precise', 'a'], false],
  [['--', '--scheme'], false],
])('%j needs the data of a scheme: %s', (args, needs) => {
  expect(hasSchemeOption(args)).toBe(needs)
})
