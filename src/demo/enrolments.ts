import { createHash, randomBytes } from 'node:crypto'
import type { Deps } from '../deps.ts'
import { currentCharter } from '../enrolment/charter.ts'
import { HOUR_MS } from '../message/clock.ts'
import { inScheme } from '../platform/db.ts'
import { findSchemeWithChamber } from '../schemes/store.ts'
import { searchName } from '../territory/places/spelling.ts'
import { demoBusinesses } from './companies.ts'

/** Enrolments waiting in a new demo, from numbers of no member: one known to the register, one entered by hand. */
const waiting = [
  {
    business: demoBusinesses[2],
    trade: 'pharmacies',
    person: 'La gérante',
    mobile: '+33639980811',
    hoursAgo: 26,
  },
  {
    business: {
      siret: null,
      name: 'Fleurs du Beffroi',
      naf: null,
      naf2025: null,
      communeCode: '63178',
      address: '2 place du Beffroi',
    },
    trade: 'general-shops',
    person: 'Le gérant',
    mobile: '+33639988730',
    hoursAgo: 2,
  },
] as const

/** Creates enrolments for the chamber of a demo scheme. @returns the number created */
export async function seedDemoEnrolments(
  deps: Pick<Deps, 'db' | 'now' | 'newId'>,
  schemeId: string,
): Promise<number> {
  await inScheme(deps.db, schemeId, async (tx) => {
    const scheme = await findSchemeWithChamber(tx, schemeId)
    if (scheme === undefined) return
    const now = deps.now()
    const charter = await currentCharter(tx, schemeId, { scheme: scheme.name, chamber: scheme.chamber }, now)
    for (const { business, trade, person, mobile, hoursAgo } of waiting) {
      if (business === undefined || business.communeCode === null) continue
      const id = deps.newId()
      const at = new Date(now.getTime() - hoursAgo * HOUR_MS)
      await tx
        .insertInto('enrolments')
        .values({
          schemeId,
          id,
          state: 'submitted',
          // The token is discarded: nobody can open this enrolment.
          tokenHash: createHash('sha256').update(randomBytes(24)).digest('hex'),
          name: business.name,
          searchName: searchName(business.name),
          siret: business.siret,
          naf: business.naf,
          naf2025: business.naf2025,
          trade,
          communeCode: business.communeCode,
          address: business.address,
          verified: business.siret !== null,
          person,
          mobile,
          mobileConfirmedAt: at,
          createdAt: at,
          touchedAt: at,
          submittedAt: at,
        })
        .execute()
      await tx
        .insertInto('charterSignatures')
        .values({
          schemeId,
          id,
          enrolmentId: id,
          version: charter.version,
          sha256: charter.sha256,
          signedName: person,
          mobile,
          signedAt: at,
        })
        .execute()
    }
  })
  return waiting.length
}
