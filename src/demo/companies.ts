import type { RegisteredBusiness } from '../enrolment/registry.ts'
import { demoSiret } from './members.ts'

/** Above the SIRETs of all demo members. */
const FIRST = 90_000

/** Businesses in the demo's register that are not members yet, so that an enrolment works without a network. */
export const demoBusinesses: readonly RegisteredBusiness[] = [
  ['Tabac des Remparts', '47.26Z', '47.26Y', '63178', '12 rue du Pont', '63500'],
  ['Boulangerie du Lavoir', '10.71C', '10.71H', '63430', '3 place de la Mairie', ''],
  ['Pharmacie du Parc', '47.73Z', '47.73Y', '63300', '8 rue de la République', ''],
  ['Garage des Tilleuls', '45.20A', '95.31G', '63003', '21 avenue de la Gare', '63600'],
].map(([name = '', naf = '', naf2025 = '', communeCode = '', address = '', code = ''], i) => ({
  siret: demoSiret(FIRST + i),
  name,
  naf,
  naf2025,
  communeCode,
  address,
  postalCode: code === '' ? null : code,
  point: null,
}))
