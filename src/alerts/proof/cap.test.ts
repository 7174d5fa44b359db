import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CapAlert, type CapMessage, capXml } from './cap.ts'

const at = (time: string) => new Date(`2026-03-12T${time}Z`)
const first: CapMessage = {
  kind: 'first',
  text: 'Faux billets à Issoire. Réf. 63-26-0142',
  orderedAt: at('17:31:02.5'),
}
const alert: CapAlert = {
  schemeId: 'ac63',
  schemeName: 'Alerte Commerces 63',
  host: 'tocsin.example',
  reference: '63-26-0142',
  simulated: false,
  exercise: false,
  severity: 'alert',
  label: 'Faux billets',
  area: { kind: 'epci', code: '200070407' },
  areaLabel: "agglomération d'Issoire",
  placeWords: "agglomération d'Issoire",
  communeCode: '63178',
  occurredAt: at('17:20:00'),
  expiresAt: at('23:31:02'),
  messages: [first],
}
const textOf = (xml: string, name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]
const read = (over: Partial<CapAlert>, ...names: string[]) => {
  const xml = capXml({ ...alert, ...over })
  return names.map((name) => textOf(xml, name))
}

describe('an alert in CAP 1.2', () => {
  test('is restricted and contains sender, event, time and area', () => {
    expect(
      read(
        {},
        'identifier',
        'sender',
        'sent',
        'status',
        'msgType',
        'scope',
        'references',
        'incidents',
        'urgency',
      ),
    ).toEqual([
      '63-26-0142',
      'ac63@tocsin.example',
      '2026-03-12T17:31:02+00:00',
      'Actual',
      'Alert',
      'Restricted',
      undefined,
      '63-26-0142',
      'Immediate',
    ])
    const xml = capXml(alert)
    expect(xml).toContain('<valueName>INSEE-COM</valueName>\n<value>63178</value>')
    expect(xml).toContain('<valueName>SIREN-EPCI</valueName>\n<value>200070407</value>')
  })

  test('marks exercises and simulations as not real', () => {
    expect(read({ simulated: true }, 'status')).toEqual(['Test'])
    expect(read({ simulated: true, exercise: true }, 'status')).toEqual(['Exercise'])
  })

  const update: CapMessage = { kind: 'update', text: 'Vus à Perrier.', orderedAt: at('17:40:00') }
  const end: CapMessage = { kind: 'all_clear', text: 'Fin.', orderedAt: at('18:00:00') }
  test.each([
    [[first, update], 'Update', 'Monitor', 'Immediate'],
    [[first, update, end], 'Cancel', 'AllClear', 'Past'],
    [[first, { ...end, kind: 'closing' }], 'Cancel', 'AllClear', 'Past'],
    [[first, { ...update, kind: 'correction' }], 'Update', 'Monitor', 'Immediate'],
    [[first, { ...end, kind: 'thanks' }], 'Update', 'None', 'Past'],
  ] as [[CapMessage, ...CapMessage[]], string, string, string][])(
    'refers to the previous messages in a follow-up: %#',
    (messages, msgType, response, urgency) => {
      const [identifier, references, ...rest] = read(
        { messages },
        'identifier',
        'references',
        'msgType',
        'responseType',
        'urgency',
      )
      expect(identifier).toBe(`63-26-0142.${messages.length}`)
      expect(rest).toEqual([msgType, response, urgency])
      expect(references?.split(' ')).toEqual(
        messages
          .slice(0, -1)
          .map(
            ({ orderedAt }, i) =>
              `ac63@tocsin.example,63-26-0142${i === 0 ? '' : `.${i + 1}`},${orderedAt.toISOString().slice(0, 19)}+00:00`,
          ),
      )
    },
  )
})

/**
 * The schema is kept beside the checkout, or one folder up beside a worktree: it must not be copied into the project.
 */
const places = ['../../../../shared/xsd', '../../../../../shared/xsd'].map((path) =>
  join(import.meta.dirname, path, 'CAP-v1.2.xsd'),
)
const SCHEMA = places.find((path) => existsSync(path))
const missing =
  SCHEMA === undefined
    ? 'no CAP-v1.2.xsd in shared/xsd beside the checkout'
    : spawnSync('xmllint', ['--version']).error !== undefined
      ? 'xmllint is not installed'
      : undefined

test.skipIf(missing !== undefined)(
  `is valid against the schema of OASIS${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    const directory = mkdtempSync(join(tmpdir(), 'tocsin-cap-'))
    const kinds = fc.constantFrom<CapMessage['kind']>(
      'update',
      'correction',
      'all_clear',
      'closing',
      'thanks',
    )
    const instant = fc.date({ min: new Date('2000-01-01'), max: new Date('2099-01-01'), noInvalidDate: true })
    const anyText = fc.string({ unit: 'binary', maxLength: 60 })
    const files: string[] = []
    try {
      fc.assert(
        fc.property(
          fc.array(fc.record({ kind: kinds, text: anyText, orderedAt: instant }), { maxLength: 4 }),
          anyText,
          fc.constantFrom('vital', 'alert', 'notice'),
          fc.boolean(),
          fc.constantFrom<CapAlert['area']>(
            { kind: 'scheme' },
            { kind: 'commune', code: '63178' },
            {
              kind: 'union',
              areas: [
                { kind: 'departement', code: '63' },
                { kind: 'communes', codes: ['63178', '2A004'] },
              ],
            },
          ),
          (more, words, severity, exercise, area) => {
            const file = join(directory, `${files.length}.xml`)
            const messages: CapAlert['messages'] = [{ ...first, text: words }, ...more]
            writeFileSync(
              file,
              capXml({
                ...alert,
                messages,
                severity,
                exercise,
                simulated: exercise,
                area,
                label: words,
                areaLabel: words,
                placeWords: words,
              }),
            )
            files.push(file)
          },
        ),
        { numRuns: 60 },
      )
      // One process for all documents: it names the first invalid one.
      execFileSync('xmllint', ['--noout', '--schema', SCHEMA ?? '', ...files], {
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      expect(files.length).toBeGreaterThanOrEqual(60)
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  },
)
