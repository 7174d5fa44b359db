import { readFileSync } from 'node:fs'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../test/support/database.ts'
import { seedSchemes } from '../../test/support/fixtures.ts'
import { asOwner, type Database } from '../platform/db.ts'
import { composeText, isAboutArea, namesPlace } from './compose.ts'
import { findScheme } from './store.ts'

const MIGRATION = new URL('../../migrations/0076_place_of_the_facts.sql', import.meta.url)

describe.each(usualKinds)('on %s', (kind) => {
  let database: Database
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
  })
  afterAll(() => database.close())

  test('the migration corrects templates stored when {lieu} was the area', async () => {
    const before: [code: string, label: string, level: string, template: string][] = [
      [
        'armed-robbery',
        'Vol à main armée',
        'established',
        'Vol à main armée {lieu} à {heure} : {faits}. {conseil}',
      ],
      ['counterfeit-notes', 'Faux billets', 'established', 'Faux billets {lieu}. {conseil}'],
      ['notes', 'Fausse monnaie', 'established', 'Attention : fausse monnaie ({lieu}). {conseil}'],
      ['advice', 'Conseils', 'prevention', 'Prévention {lieu} : {faits}. {conseil}'],
      ['snatch', 'Vol à l’arraché', 'established', 'Vol à {lieu} À {heure}. {conseil}'],
      ['burglary', 'Cambriolage', 'established', 'Cambriolages ({metier}) {lieu} : {faits}. {conseil}'],
    ]
    await asOwner(database.db, async (tx) => {
      await sql`delete from categories where scheme_id = 'ac63'`.execute(tx)
      for (const [position, [code, label, level, template]] of before.entries()) {
        await sql`
          insert into categories (scheme_id, code, label_fr, label_en, severity, template, position, active, level)
          values ('ac63', ${code}, ${label}, ${label}, 'alert', ${template}, ${position + 1}, true, ${level})`.execute(
          tx,
        )
      }
      await sql.raw(readFileSync(MIGRATION, 'utf8')).execute(tx)
    })
    const scheme = await asOwner(database.db, (tx) => findScheme(tx, 'ac63'))
    const texts = scheme!.categories.map(({ code, template }) => [
      code,
      isAboutArea(template) ? 'area' : namesPlace(template) ? 'place' : 'neither',
      composeText(template, { lieu: 'à Billom', zone: "agglomération d'Issoire", heure: '2h10' }),
    ])
    expect(texts).toEqual([
      ['armed-robbery', 'place', 'Vol à main armée à Billom vers 2h10.'],
      ['counterfeit-notes', 'area', "Faux billets agglomération d'Issoire."],
      ['notes', 'area', "Attention : fausse monnaie (agglomération d'Issoire)."],
      ['advice', 'area', "Prévention agglomération d'Issoire."],
      ['snatch', 'place', 'Vol à Billom vers 2h10.'],
      ['burglary', 'place', 'Cambriolages à Billom.'],
    ])
  })

  test.each([
    [{ kind: 'departement', code: '63' }, 'Europe/Paris'],
    [{ kind: 'departement', code: '974' }, 'Indian/Reunion'],
    [{ kind: 'communes', codes: ['97209', '97213'] }, 'America/Martinique'],
    [{ kind: 'union', areas: [{ kind: 'commune', code: '97611' }] }, 'Indian/Mayotte'],
    [{ kind: 'epci', code: '200070407' }, 'Europe/Paris'],
  ])('gives a scheme the time zone of its territory: %j, %s', async (territory, timeZone) => {
    const view = await asOwner(database.db, async (tx) => {
      await sql`update schemes set territory = ${JSON.stringify(territory)}::jsonb where id = 'ac39'`.execute(
        tx,
      )
      return findScheme(tx, 'ac39')
    })
    expect(view?.timeZone).toBe(timeZone)
  })
})
