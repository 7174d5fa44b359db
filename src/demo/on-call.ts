import type { Deps } from '../deps.ts'
import { addOnCallPerson } from '../on-call/actions.ts'
import type { NewOnCallPerson, OnCallHours } from '../on-call/contract.ts'
import type { Actor } from '../permissions.ts'
import { actorOfDoor } from './doors.ts'

/** A magistrate without an account, whose phone is one of the demo's. */
const DELMAS = { name: 'Mme Delmas', service: 'Parquet de Clermont-Ferrand', phone: '+33639981006' } as const
const DAYS = [0, 1, 2, 3, 4, 5, 6]
const always = (rank: number): OnCallHours => ({ days: DAYS, from: '08:00', to: '08:00', rank })

/** Writes the list of people of the demo, with the rota; its numbers belong to no member. */
export async function seedDemoOnCall(deps: Deps, actor: Actor, schemeId: string): Promise<void> {
  const [chief, magistrate] = await Promise.all([actorOfDoor(deps, 'chief'), actorOfDoor(deps, 'magistrate')])
  const userIdOf = (one: Actor) => (one.kind === 'user' ? one.userId : null)
  const people: NewOnCallPerson[] = [
    {
      role: 'approver',
      service: '',
      name: 'Marc Vidal',
      userId: userIdOf(chief),
      agencyId: null,
      phone: '+33639981002',
      mail: 'marc.vidal@demo.invalid',
      hours: [always(1)],
    },
    {
      role: 'approver',
      service: '',
      name: 'Cne Julie Morel',
      userId: null,
      agencyId: null,
      phone: '+33639981003',
      mail: '',
      hours: [always(2)],
    },
    {
      role: 'approver',
      service: '',
      name: 'Lt Paul Garnier',
      userId: null,
      agencyId: null,
      phone: '+33639981004',
      mail: 'paul.garnier@demo.invalid',
      hours: [],
    },
    {
      role: 'magistrate',
      service: '',
      name: magistrate.kind === 'user' ? magistrate.name : '',
      userId: userIdOf(magistrate),
      agencyId: null,
      phone: '+33639981005',
      mail: '',
      hours: [always(1)],
    },
    { role: 'magistrate', ...DELMAS, userId: null, agencyId: null, mail: '', hours: [] },
  ]
  for (const person of people) await addOnCallPerson(deps, actor, schemeId, person)
}
