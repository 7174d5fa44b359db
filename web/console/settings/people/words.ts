import { plainOf } from '../../../../src/cipher/plain.ts'
import type { PeopleView, PersonView } from '../../../../src/people/contract.ts'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import type { Tone } from '../../../ui/StateTag.tsx'
import type { RoleName } from '../../shell/current.tsx'

export const TONES: Readonly<Record<PersonView['state'], Tone>> = {
  invited: 'open',
  recovering: 'warn',
  active: 'good',
  disabled: 'neutral',
}

type AgencyKind = SchemeView['agencies'][number]['kind']

const KINDS: Readonly<Partial<Record<RoleName, readonly AgencyKind[]>>> = {
  operator: ['police', 'gendarmerie'],
  chief: ['police', 'gendarmerie'],
  magistrate: ['prosecutor'],
  chamber: ['chamber'],
  trade_chamber: ['chamber'],
}

/** Returns the agencies to which a role can belong: those of its kind, or the only one that the user may choose. */
export function agenciesFor(
  scheme: Pick<SchemeView, 'agencies'>,
  given: PeopleView['given'],
  role: RoleName,
): { agencies: SchemeView['agencies']; isFixed: boolean } {
  const fixed = given.find((one) => one.role === role)?.agency ?? null
  const agencies = scheme.agencies.filter(({ code, kind }) =>
    fixed === null ? KINDS[role]?.includes(kind) === true : code === fixed,
  )
  return { agencies, isFixed: fixed !== null }
}

/** Returns the people whose name, mail or agency contains every word typed. */
export function searchPeople(
  people: readonly PersonView[],
  scheme: Pick<SchemeView, 'agencies'>,
  q: string,
): readonly PersonView[] {
  const words = plainOf(q).split(/\s+/).filter(Boolean)
  if (words.length === 0) return people
  const nameOf = (code: string | null) => scheme.agencies.find((one) => one.code === code)?.name ?? ''
  return people.filter(({ name, mail, roles }) => {
    const text = plainOf([name, mail, ...roles.map(({ agency }) => nameOf(agency))].join(' '))
    return words.every((word) => text.includes(word))
  })
}
