import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { actorOf, testDeps } from '../../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { explainAlertDelivery } from '../../alerts/compose/explain.ts'
import type { Database } from '../../platform/db.ts'
import { deliveriesCommand } from './deliveries.ts'

const ALERT = idOf(900)
const BROADCAST = idOf(901)
const REFERENCE = '63-26-0142'
const RECIPIENTS = 30

let database: Database

/** Delivery 1 failed in every way before it was delivered; the others are plain. */
beforeAll(async () => {
  database = await testDatabase('postgres')
  const { db } = database
  await seedSchemes(database)
  await seedMembers(
    db,
    'ac63',
    Array.from({ length: RECIPIENTS }, (_, n) => ({
      id: idOf(n + 1),
      name: `Tabac ${n + 1}`,
      phones: [phoneOf(n + 1)],
    })),
  )
  const at = (seconds: number) => sql`'2026-11-25T10:00:00Z'::timestamptz + ${seconds} * interval '1 second'`
  for (const [scheme, alert] of [
    ['ac63', ALERT],
    ['ac39', idOf(902)],
  ] as const) {
    await sql`insert into reports (scheme_id, id, category_code, commune_code, called_at, occurred_at, state,
      decided_at, created_at, created_by)
      values (${scheme}, ${alert}, 'counterfeit', '63178', ${at(-60)}, ${at(-60)}, 'broadcast', ${at(0)}, ${at(-50)}, 'x')`.execute(
      db,
    )
    // Another scheme may use the same reference.
    const reference = scheme === 'ac63' ? REFERENCE : '39-26-0001'
    await sql`insert into alerts (scheme_id, id, reference, report_id, category_code, severity, text, area, area_label,
      trades, simulated, state, expires_at, created_at, created_by)
      values (${scheme}, ${alert}, ${reference}, ${alert}, 'counterfeit', 'alert', 'Faux billets', '{"kind":"scheme"}',
        'x', '{}', true, 'broadcasting', ${at(7200)}, ${at(-10)}, 'x')`.execute(db)
  }
  await sql`insert into broadcasts (scheme_id, id, alert_id, text, encoding, parts, sender, lane, simulated, state,
    valid_until, ordered_at, ordered_by, planned, accepted, delivered, failed, in_doubt, expired, withdrawn, possible_duplicates)
    values ('ac63', ${BROADCAST}, ${ALERT}, 'Faux billets', 'GSM-7', 2, 'ALERTE63', 'alert', true, 'settling',
      ${at(7200)}, ${at(0)}, 'x', ${RECIPIENTS}, ${RECIPIENTS - 7}, 1, 2, 1, 1, 1, 1)`.execute(db)
  await sql`insert into deliveries (scheme_id, broadcast_id, no, contact_id, member_id, phone, commune_code, trade,
      state, attempts, gateway, message_ids, accepted_at)
    select 'ac63', ${BROADCAST}::uuid, n, ('00000000-0000-4000-9000-' || lpad(n::text, 12, '0'))::uuid,
      ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, phone, '63178',
      'tobacco-press', 'accepted', 1, 'smpp', 'A' || n || ' B' || n, ${at(1)}
    from unnest(${Array.from({ length: RECIPIENTS }, (_, n) => phoneOf(n + 1))}::text[]) with ordinality as of_each (phone, n)`.execute(
    db,
  )
  await sql`update deliveries set state = 'delivered', attempts = 3, possible_duplicate = true, gateway = 'secours',
    message_ids = '2b 2c', in_doubt_at = ${at(2)}, accepted_at = ${at(30)}, settled_at = ${at(33)} where no = 1`.execute(
    db,
  )
  await sql`update deliveries set state = 'failed', message_ids = null, accepted_at = null, error_code = 11,
    settled_at = ${at(1)} where no = 2`.execute(db)
  await sql`update deliveries set state = 'failed', error_code = 27, settled_at = ${at(9)} where no = 3`.execute(
    db,
  )
  await sql`update deliveries set state = 'in_doubt', message_ids = null, accepted_at = null, gateway = null,
    attempts = 0, in_doubt_at = ${at(5)} where no = 4`.execute(db)
  await sql`update deliveries set state = 'expired', settled_at = ${at(7200)} where no = 5`.execute(db)
  await sql`update deliveries set state = 'withdrawn', accepted_at = null, message_ids = null, attempts = 0,
    gateway = null, settled_at = ${at(4)} where no = 6`.execute(db)
  await sql`update deliveries set state = 'planned', accepted_at = null, message_ids = null, attempts = 0,
    gateway = null where no = 7`.execute(db)
  await sql`update deliveries set delivered_ids = '{A8}' where no = 8`.execute(db)
  await sql`insert into delivery_attempts (scheme_id, broadcast_id, no, at, outcome, gateway, error_code, message_ids)
    values ('ac63', ${BROADCAST}, 1, ${at(1)}, 'refused', 'smpp', 88, null),
      ('ac63', ${BROADCAST}, 1, ${at(2.1)}, 'unknown', 'smpp', null, null),
      ('ac63', ${BROADCAST}, 1, ${at(31)}, 'accepted_late', 'smpp', null, '1f')`.execute(db)
  await sql`insert into unknown_receipts (gateway, message_id, received_at, state)
    values ('smpp', '31', ${at(34)}, 'delivered'), ('smpp', '99', ${at(34)}, 'delivered')`.execute(db)
})
afterAll(() => database.close())

async function run(...args: string[]) {
  let out = ''
  const status = await deliveriesCommand.run(testDeps(database), args, new Map(), {
    lang: 'fr',
    stdout: (text) => {
      out += text
    },
    stderr: (text) => {
      out += text
    },
    progress() {},
  })
  return { status, out }
}

/** Returns the printed steps of a message without their dates. */
async function steps(no: number): Promise<string[]> {
  const { out } = await run('--alert', REFERENCE, '--no', String(no))
  return out
    .split('\n')
    .filter((line) => /^ {2}(–|\d\d\/)/.test(line))
    .map((line) => line.replace(/^ {2}(–|\S+ \S+)\s+/, ''))
}

describe('one message, with everything that happened to it', () => {
  test('lists each attempt in order with its route and response', async () => {
    expect(await steps(1)).toEqual([
      'Prévu.',
      'smpp     Refusé cette fois. Débit dépassé chez le fournisseur SMS : nouvel essai. [code 0x58]',
      'smpp     Envoyé, sans réponse du fournisseur SMS : peut-être arrivé.',
      'secours  Accepté par le fournisseur SMS. [identifiants 2b, 2c]',
      'smpp     Réponse tardive : le fournisseur SMS avait accepté cet envoi, refait entre-temps. [identifiant 1f]',
      'secours  Remis au téléphone.',
      // The provider writes 1f in decimal.
      'smpp     Accusé que rien n’attendait : remis. [identifiant 31]',
    ])
  })

  test.each([
    [2, 'smpp  Le fournisseur SMS ne connaît pas ce numéro. [code 0x0B]'],
    [3, 'smpp  Le fournisseur SMS n’a pas pu remettre le message (code réseau 27). [code 27]'],
    [4, 'Le processus qui l’envoyait s’est arrêté avant de noter la réponse : peut-être parti.'],
    [5, '      Pas remis avant la fin de l’alerte : téléphone éteint ou hors réseau.'],
    [
      6,
      'Retiré avant l’envoi : l’alerte a été arrêtée ou est finie, ou son premier message n’est pas arrivé.',
    ],
    [7, 'Prévu.'],
    [8, 'smpp  Une partie remise sur 2. [identifiant A8]'],
  ])('prints the final state of message %i', async (no, last) => {
    expect((await steps(no)).at(-1)?.trim()).toBe(last.trim())
  })

  test('is found by its phone in any usual notation, and prints the phone only then', async () => {
    const { out, status } = await run('--alert', ALERT, '--phone', '06 39 98 00 02')
    expect(status).toBe(0)
    expect(out).toContain(`Message 2 : échoué. Tabac 2 (Issoire) · ${phoneOf(2)} · un envoi`)
  })

  test('is the same in the console for permitted users, with the number masked', async () => {
    const ask = (role: Parameters<typeof actorOf>[0], no: number, scheme = 'ac63') =>
      explainAlertDelivery(testDeps(database), actorOf(role, 'ac63'), scheme, ALERT, { no, lang: 'en' })
    const { delivery, steps } = await ask('chamber', 2)
    expect(delivery).toMatchObject({ no: 2, phone: '•• •• •• •• 02', state: 'failed' })
    expect(steps.map(({ kind, text }) => [kind, text])).toEqual([
      ['planned', 'Planned.'],
      ['failed', 'The provider does not know this number.'],
    ])
    await expect(ask('operator', RECIPIENTS + 1)).rejects.toMatchObject({ code: 'not_found' })
    await expect(ask('magistrate', 2)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(ask('operator', 2, 'ac39')).rejects.toMatchObject({ code: 'unknown_scheme' })
  })
})

describe('many messages', () => {
  test('are counted by state; the first ones are listed without phone numbers', async () => {
    const { out, status } = await run('--alert', REFERENCE.toLowerCase())
    expect(status).toBe(0)
    const lines = out.split('\n')
    expect(lines.slice(0, 2)).toEqual([
      `Alerte ${REFERENCE} (ac63) : ${RECIPIENTS} messages prévus.`,
      'remis 1 · accepté 23 · prévu 1 · en doute 1 · échoué 2 · périmé 1 · retiré 1 · un doublon possible',
    ])
    expect(lines.filter((line) => line.includes('•• ••'))).toHaveLength(20)
    expect(lines.at(-2)).toMatch(/^… et 10 autres\./)
    expect(out).not.toContain('+33639')
  })

  test('are filtered by state', async () => {
    const { out } = await run('--alert', REFERENCE, '--state', 'failed')
    expect(out.match(/•• ••.*/g)).toEqual([
      expect.stringMatching(/02 +échoué +1 .*Le fournisseur SMS ne connaît pas ce numéro\.$/),
      expect.stringMatching(/03 +échoué +1 .*\(code réseau 27\)\.$/),
    ])
    expect((await run('--alert', REFERENCE, '--state', 'in_doubt')).out).toContain('Message 4 : en doute.')
  })

  test('are printed as JSON', async () => {
    const { out } = await run('--alert', ALERT, '--json')
    expect(JSON.parse(out)).toMatchObject({
      schemeId: 'ac63',
      reference: REFERENCE,
      total: RECIPIENTS,
      progress: { planned: RECIPIENTS, failed: 2 },
      deliveries: { length: 20 },
      explanations: [],
    })
  })
})

describe('nothing to show', () => {
  test('explains that the alert was not broadcast', async () => {
    expect(await run('--alert', '39-26-0001')).toEqual({
      status: 1,
      out: 'Alerte 39-26-0001 (ac39) : pas encore diffusée, aucun message prévu.\n',
    })
  })

  test.each([
    [['--alert', '63-26-9999'], 'not_found', 'deliveries.unknown_alert'],
    [['--alert', REFERENCE, '--scheme', 'ac39'], 'not_found', 'deliveries.unknown_alert'],
    [['--alert', REFERENCE, '--no', '31'], 'not_found', 'deliveries.unknown_no'],
  ])('%j is refused', async (args, code, problem) => {
    await expect(run(...args)).rejects.toMatchObject({ code, problems: [{ code: problem }] })
  })

  test('explains that the phone is not a recipient', async () => {
    const { status, out } = await run('--alert', REFERENCE, '--phone', phoneOf(99))
    expect(status).toBe(1)
    expect(out).toContain('Aucun message ne correspond.')
  })

  test('refuses a reference that two schemes use', async () => {
    await sql`update alerts set reference = ${REFERENCE} where scheme_id = 'ac39'`.execute(database.db)
    await expect(run('--alert', REFERENCE)).rejects.toMatchObject({
      code: 'invalid_input',
      problems: [{ code: 'deliveries.several_schemes' }],
    })
    expect((await run('--alert', REFERENCE, '--scheme', 'ac63')).status).toBe(0)
  })
})

test('shows only figures once the deliveries are purged', async () => {
  await sql`delete from deliveries where scheme_id = 'ac63'`.execute(database.db)
  const { status, out } = await run('--alert', ALERT)
  expect(status).toBe(0)
  expect(out).toMatch(/30 messages prévus\.\nremis 1 .*\nQui a reçu quoi est effacé pour cette alerte/)
  await expect(run('--alert', ALERT, '--no', '1')).rejects.toMatchObject({
    code: 'not_found',
    problems: [{ code: 'deliveries.forgotten' }],
  })
})

test.each([
  [[]],
  [['--alert', '']],
  [['--alert', 'x', '--no', '0']],
  [['--alert', 'x', '--no', '1', '--state', 'failed']],
  [['--alert', 'x', '--state', 'lost']],
  [['--alert', 'x', '--phone', '12']],
  [['--alert', 'x', 'y']],
])('%j is refused with the usage line', (args) => {
  expect(() => deliveriesCommand.files(args, 'en')).toThrow(expect.objectContaining({ code: 'usage' }))
})
